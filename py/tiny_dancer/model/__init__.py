"""Bundles: their tensors, a reader that refuses, a writer, work on them, the kernel's image."""

from typing import TYPE_CHECKING, Any

from .bundle import Bundle, BundleConfig, CandidateConfig
from .image import image
from .read import read_bundle, read_model

if TYPE_CHECKING:
    from .model import Model, PruningReport, QuantizationReport
    from .write import write_bundle

__all__ = [
    "Bundle",
    "BundleConfig",
    "CandidateConfig",
    "Model",
    "PruningReport",
    "QuantizationReport",
    "image",
    "read_bundle",
    "read_model",
    "write_bundle",
]


def __getattr__(name: str) -> Any:
    """Load what makes bundles when it is asked for: a router reads them alone."""
    if name == "write_bundle":
        from .write import write_bundle

        return write_bundle
    if name in ("Model", "PruningReport", "QuantizationReport"):
        from . import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
