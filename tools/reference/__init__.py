"""docs/api.md, made from signatures, docstrings, routes and type declarations."""
