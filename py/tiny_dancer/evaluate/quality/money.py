"""What routing saves, as a share of sending everything to the strong model."""

PRICE_RATIOS = (5, 10, 25, 100)
"""Price of a strong call over that of a light one."""

QUERIES_A_DAY, DOLLARS_A_CALL = 10_000, 0.02
"""The example of the original: what a strong call costs, and how many there are."""


def saving(light_share: float, ratio: float) -> float:
    """Return the share of the bill saved when `light_share` of equal calls go light."""
    return light_share * (1 - 1 / ratio)


def dollars_a_year(light_share: float, ratio: float) -> tuple[float, float]:
    """Return (bill, saving) a year in the original's example."""
    everything = QUERIES_A_DAY * DOLLARS_A_CALL * 365
    saved = everything * saving(light_share, ratio)
    return everything - saved, saved
