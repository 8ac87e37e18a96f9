"""The code behind an application: its script and what that was given, its functions, the lines that run its queries."""
