"""The detector of persons."""
