"""The Airflow room's verb of the `riverhead` command; a verb is a module with `arguments` and `run`."""
