"""The wing distributed."""
