"""Archives and compressed files: streaming, by content rather than name, inside limits.

::

    path or file ──► sniff (magic bytes) ──► open_compressed     one stream of bytes
                                        └──► iter_archive        members, one after another
                                        └──► extract             a folder, whole or not at all
"""

from hfhub.extract.archive import iter_archive
from hfhub.extract.compressed import open_compressed
from hfhub.extract.limits import Limits
from hfhub.extract.unpack import extract

__all__ = ["Limits", "extract", "iter_archive", "open_compressed"]
