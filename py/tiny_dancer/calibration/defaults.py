"""What a calibration takes where nothing else is asked for."""

from typing import Final

BETTING: Final = "betting"
"""Name of a bound."""

DELTA: Final = 0.05
"""Probability that a certified target does not hold."""
