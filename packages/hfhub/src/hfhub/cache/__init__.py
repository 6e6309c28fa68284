"""The cache that every Hub client on the machine shares: paths, store, index, eviction, inspection.

``layout`` knows the paths, ``store`` finds files and takes verified ones in, ``tree`` keeps
listings by commit, ``index`` remembers sizes, uses, pins and leases, ``evict`` makes room,
``inspect`` shows and repairs.
"""
