"""Explaining: which region of a photo supports which part of a caption, and a picture of it.

An explanation describes how the model sees a photo; it proves nothing about the photo.
"""
