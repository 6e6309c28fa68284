"""``python -m crucible_datasets.cli``."""

from crucible_datasets.cli import main

raise SystemExit(main())
