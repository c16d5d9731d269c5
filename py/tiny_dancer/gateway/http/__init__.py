"""Requests and responses: bodies, headers, keys, errors."""
