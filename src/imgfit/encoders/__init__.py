"""The wing encoders."""
