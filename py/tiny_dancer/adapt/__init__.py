"""Labels of one's own, and heads re-fitted to them: standard library only, so also in a tab."""

from .adapt import Adapted, Figures, adapt
from .labels import Labels, read_labels, read_prices

__all__ = ["Adapted", "Figures", "Labels", "adapt", "read_labels", "read_prices"]
