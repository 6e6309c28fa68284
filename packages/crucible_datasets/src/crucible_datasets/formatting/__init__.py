"""How rows leave a dataset."""
