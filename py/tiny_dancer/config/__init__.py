"""Every number a user may set, each with its one default."""

from .breaker import BreakerConfig
from .history import HistoryConfig, Price
from .router import RouterConfig

__all__ = ["BreakerConfig", "HistoryConfig", "Price", "RouterConfig"]
