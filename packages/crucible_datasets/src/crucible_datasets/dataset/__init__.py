"""``Dataset``, ``DatasetDict`` and what is done with them."""
