"""The peer's name for where ``logging`` is; it holds nothing else."""

from crucible_datasets import logging

__all__ = ["logging"]
