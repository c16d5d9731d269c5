"""The number work of a decision: the kernel's blocks, and its exact twin in plain Python."""
