"""Candidates: what can serve a request, how they are registered, packed and kept resident."""
