"""One file a URL."""
