"""The API of a hub."""
