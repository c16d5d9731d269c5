"""Asking the other model too, off the hot path, and grading both answers (docs/shadow.md)."""
