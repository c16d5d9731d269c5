"""Anthropic messages, and their translation to chat completions and back."""
