"""A server that says what a test wants, and a client of it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from wire import client_of, serve

__all__ = ["client_of", "serve"]
