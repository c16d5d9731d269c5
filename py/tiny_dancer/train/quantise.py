"""From float token rows to int8 rows with one scale a row: as `Model.quantize` does it."""

from ..model.quantise import LARGEST, quantised, restored

__all__ = ["LARGEST", "quantised", "restored"]
