"""What a task did at its databases, seen while it runs, in its own process: `watching` is the door to it.

Nothing is handed to the task but what its own hooks and drivers made: connections and cursors stay what they are, or
are of a class below theirs. What was seen is kept as it is until the task ends, so a statement costs microseconds.
"""

__all__: list[str] = []
