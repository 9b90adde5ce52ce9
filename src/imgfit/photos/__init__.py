"""The wing photos."""
