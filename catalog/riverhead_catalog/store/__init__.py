"""Where events are kept and everything derived from them is looked up: SQLite, one writer, many readers."""
