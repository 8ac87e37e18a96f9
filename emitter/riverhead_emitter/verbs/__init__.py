"""The emitter's verbs of the `riverhead` command; a verb is a module with `arguments` and `run`."""
