"""What requests cost, and what a key may spend."""
