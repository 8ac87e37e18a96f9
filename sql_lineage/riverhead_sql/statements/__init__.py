"""One statement → the rows that it moves: from which query or files, into which table or file."""
