"""The ``hfhub`` command.

::

    hfhub download | ls | info       read repositories
    hfhub cache ls | rm | prune | verify | pin | unpin | pins | du | trim
    hfhub auth login | logout | list | switch | whoami
    hfhub serve DIR                  a Hub of one's own, or a mirror
    hfhub extract ARCHIVE            safely
    hfhub env | version | completion

``main`` runs one command and gives its exit code, see :mod:`hfhub.cli.codes`.
"""

from __future__ import annotations

from hfhub.cli.run import main

__all__ = ["main"]
