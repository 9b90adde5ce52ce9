"""Choosing: rankings, better photos and swaps, from embeddings that are there already.

Photos are compared by normalised scores; near-duplicates never rival each other.
"""
