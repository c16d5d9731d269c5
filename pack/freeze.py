"""Runs once, right before the memory image is taken: imports what both hosts need.

Rules: only import; keep no JavaScript object, open file, task or callback; never import ctypes,
whose callbacks would dangle in a copy.
"""

import asyncio
import gc
import json
import sys
import traceback

import pyodide.ffi

import tiny_dancer
import tiny_dancer.gateway
import tiny_dancer.history.d1
import tiny_dancer.hosts.pyodide

for name in ("asyncio", "json", "traceback", "pyodide", "tiny_dancer", "name"):
    globals().pop(name, None)
gc.collect()
gc.collect()
del gc
sys.path_importer_cache.clear()  # folders hold other files in a copy
sys.path.remove("")  # Pyodide puts it there again
del sys
