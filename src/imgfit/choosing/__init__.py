"""The wing choosing."""
