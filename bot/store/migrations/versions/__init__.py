"""The revisions, each from the schema of the one before to its own."""
