"""JSON as it goes over the wire."""

import json
from typing import Any


def compact(value: Any) -> bytes:
    """UTF-8 without spaces; a lone surrogate, which UTF-8 cannot hold, is escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
