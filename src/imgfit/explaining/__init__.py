"""The wing explaining."""
