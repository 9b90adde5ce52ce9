"""The wing models."""
