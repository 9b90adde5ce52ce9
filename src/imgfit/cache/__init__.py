"""The wing cache."""
