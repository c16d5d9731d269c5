"""What certificates buy and what the alarm costs: the figures of docs/trust.md."""
