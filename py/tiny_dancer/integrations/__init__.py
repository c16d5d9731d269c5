"""What other people's software says, read for this one: thin, nothing but translation."""
