"""Is it safe to switch the router on, and what does it save: from a history to an answer."""
