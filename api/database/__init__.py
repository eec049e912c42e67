"""The database of the service: opening it, and its migrations."""
