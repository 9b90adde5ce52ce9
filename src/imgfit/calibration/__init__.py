"""The wing calibration."""
