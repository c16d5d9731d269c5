"""What calibration rows say: p-values, intervals, threshold sweeps."""
