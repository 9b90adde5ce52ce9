"""The wing files."""
