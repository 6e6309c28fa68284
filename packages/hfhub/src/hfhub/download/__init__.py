"""Files from the Hub to the disk, verified; or read where they are.

::

    locate      what the Hub says of a file: commit, digest, size, the way to its bytes
    link        that way: a signed link, made anew when it expires
    small       a small file's bytes, in one piece
    transfer    a large one's, by ranges and hashed in order, into a
    partial     unfinished file that only we write to, and its
    ledger      resume state
    destination where a whole file goes: the cache, or a `local_folder`
    fetch       many files at once
    spans       parts of a file in memory
    file  snapshot  remote  stream       what users call
"""
