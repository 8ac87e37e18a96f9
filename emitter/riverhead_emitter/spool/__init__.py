"""Records that wait on disk until they are sent: segments per process, one directory per destination."""
