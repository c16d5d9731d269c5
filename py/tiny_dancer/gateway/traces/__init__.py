"""Spans of what a gateway does, where traces are switched on."""
