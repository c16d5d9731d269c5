"""Training of bundles: labels, splits, the network, quantisation, calibration rows (extra `train`)."""
