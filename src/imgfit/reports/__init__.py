"""The wing reports."""
