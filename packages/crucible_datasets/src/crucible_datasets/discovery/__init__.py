"""Finding out what a dataset consists of: configs, splits, files, format, declared features."""
