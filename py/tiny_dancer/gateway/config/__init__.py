"""Settings of a gateway: their types, and reading them from TOML or JSON."""
