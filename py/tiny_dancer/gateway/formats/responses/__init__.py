"""OpenAI responses, and their translation to chat completions and back."""
