"""The wing install."""
