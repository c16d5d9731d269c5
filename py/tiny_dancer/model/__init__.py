"""Bundles: their tensors, a reader that refuses, a writer, work on them, the kernel's image."""

from .bundle import Bundle, BundleConfig, CandidateConfig
from .image import image
from .model import Model, QuantizationReport
from .read import read_bundle, read_model
from .write import write_bundle

__all__ = [
    "Bundle",
    "BundleConfig",
    "CandidateConfig",
    "Model",
    "QuantizationReport",
    "image",
    "read_bundle",
    "read_model",
    "write_bundle",
]
