"""Every call to the Hub, in one object."""

from __future__ import annotations

from hfhub.api.files import FileCalls
from hfhub.api.repositories import RepositoryCalls
from hfhub.api.searches import SearchCalls


class HfApi(RepositoryCalls, SearchCalls, FileCalls):
    """A Hub as one caller sees it: its endpoint, with one token.

    >>> HfApi(endpoint="https://mirror.example", token=False)
    HfApi(endpoint='https://mirror.example')
    """
