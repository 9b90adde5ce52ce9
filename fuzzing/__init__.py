"""Fuzzing of everything that reads what a stranger wrote: ``python -m fuzzing --minutes 20``."""
