"""Circuit breakers: a pure function of state, event and time, and what processes share of it."""
