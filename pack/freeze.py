"""Runs once, right before the memory image is taken: imports what both hosts need.

Rules: only import; keep no JavaScript object, open file, task or callback; never import ctypes,
whose callbacks would dangle in a copy.
"""

import gc
import importlib
import sys

for name in (
    "asyncio",
    "json",
    "traceback",
    "pyodide.ffi",
    "tiny_dancer",
    "tiny_dancer.gateway",
    "tiny_dancer.history.states.breaker_states",
    "tiny_dancer.history.stores.d1",
    "tiny_dancer.history.writer.queued_decision",
    "tiny_dancer.history.writer.writer",
    "tiny_dancer.hosts.pyodide",
):
    importlib.import_module(name)
del importlib, name
gc.collect()
gc.collect()
del gc
sys.path_importer_cache.clear()  # folders hold other files in a copy
sys.path.remove("")  # Pyodide puts it there again
del sys
