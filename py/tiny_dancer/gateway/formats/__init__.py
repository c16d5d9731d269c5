"""What clients speak: chat completions, Anthropic messages, OpenAI responses (docs/formats.md)."""
