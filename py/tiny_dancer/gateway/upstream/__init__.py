"""Calls of upstreams: whole and streamed answers, faults, retries."""
