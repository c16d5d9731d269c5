"""The kernel's exact twin: the same bits from the standard library alone."""
