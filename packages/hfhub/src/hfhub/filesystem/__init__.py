"""``hf://`` for fsspec: repositories of the Hub as folders, read by ranges.

>>> from hfhub.filesystem import HfFileSystem
>>> HfFileSystem().ls("datasets/openai/gsm8k/main")  # doctest: +SKIP
[{'name': 'datasets/openai/gsm8k/main/test-00000-of-00001.parquet', ...}, ...]

::

    "hf://datasets/owner/name@revision/path"
        -> location       repository, revision, path
        -> listing        what is there, at one commit, asked for once
        -> download.remote   bytes by ranges, renewed links, going on at the byte
        -> hub_file       a seekable file over them, as fsspec wants it
"""

from __future__ import annotations

from hfhub.filesystem.hub_filesystem import HfFileSystem
from hfhub.filesystem.location import Location

__all__ = ["HfFileSystem", "Location"]
