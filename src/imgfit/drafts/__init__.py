"""The wing drafts."""
