"""The gateway on CPython: ASGI, httpx, the demo upstreams."""
