"""Training of bundles: labels, splits, network, int8 rows, calibration (extra `train`)."""
