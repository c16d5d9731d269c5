"""What can be read from a history: metrics, statistics, exports."""
