"""Scoring: from embeddings to normalised scores, fits, verdicts and the reasons for them.

Scores are comparable if their signatures are equal; deciding again at another rate runs no model.
"""
