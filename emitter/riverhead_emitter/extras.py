"""The one place that says how an extra is installed."""


def how_to_install(extra: str) -> str:
    """Return what to type, as README says it: Riverhead is on no package index yet."""
    return f"pip install '.[{extra}]' in a checkout of Riverhead"
