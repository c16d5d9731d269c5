"""The study behind docs/adapt.md: what labels of one's own add to a bundle from elsewhere."""
