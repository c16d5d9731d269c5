"""What a bundle is: its table of tensors, a reader that refuses, a writer, the kernel's image."""

from .bundle import Bundle, BundleConfig, CandidateConfig
from .image import image
from .read import read_bundle
from .write import write_bundle

__all__ = ["Bundle", "BundleConfig", "CandidateConfig", "image", "read_bundle", "write_bundle"]
