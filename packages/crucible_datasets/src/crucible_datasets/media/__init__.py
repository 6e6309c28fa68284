"""Images, audio, video, PDF and other files as values: how each is stored, encoded and decoded.

A module a kind. All of them store ``{"bytes": ..., "path": ...}``; ``decode=False`` reads that
raw. The feature classes are public in ``crucible_datasets``.
"""
