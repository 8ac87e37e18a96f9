"""What makes Airflow collect what hooks tell it. Every Airflow process imports it, so there is nothing in it."""

from __future__ import annotations


class LineageReader:
    """Stands for a reader in the plugin's list: without any, Airflow's collector forgets at once what hooks say."""
