"""The wing scoring."""
