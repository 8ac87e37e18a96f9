"""The catalog's verbs of the `riverhead` command, one module each."""
