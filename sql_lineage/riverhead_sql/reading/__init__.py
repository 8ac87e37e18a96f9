"""SQL text → statements, each a tree by itself; what cannot be read costs only itself."""
