"""Scoring on many machines with Ray: each row is the one that a single check gives.

A draft that kills the process that scores it costs its own row only.
"""
