"""Where a dataset's rows live."""
