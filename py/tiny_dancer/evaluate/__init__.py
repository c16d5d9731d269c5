"""Measures of a router: cost curves, calibration, baselines (extra `train`)."""
