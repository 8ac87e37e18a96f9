"""One query → what its outputs came from and what decided about its rows."""
