"""The stores: memory, SQLite, IndexedDB, D1."""
