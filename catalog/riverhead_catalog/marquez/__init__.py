"""The API that Marquez speaks, resource by resource: its shapes, not its bugs."""
