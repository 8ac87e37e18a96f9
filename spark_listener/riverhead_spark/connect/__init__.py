"""What the client of a Spark Connect server can know: the names in its requests, their SQL, how they ended."""
