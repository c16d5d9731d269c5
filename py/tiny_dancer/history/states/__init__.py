"""States that several processes share: breakers and policies."""
