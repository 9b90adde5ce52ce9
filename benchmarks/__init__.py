"""Measurements on named data: accuracy and speed. Nothing here is a test."""
