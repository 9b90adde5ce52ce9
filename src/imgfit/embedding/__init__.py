"""The wing embedding."""
