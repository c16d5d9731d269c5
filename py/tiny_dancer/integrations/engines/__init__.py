"""Batches of prompts on the engines that people have: Ray, Spark, Daft, or one process."""

from .batch import RouteBatch
from .spark import make_predict_fn
from .tally import CountBatch, Point, Tally

__all__ = ["CountBatch", "Point", "RouteBatch", "Tally", "make_predict_fn"]
