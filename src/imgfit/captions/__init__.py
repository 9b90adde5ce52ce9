"""The wing captions."""
