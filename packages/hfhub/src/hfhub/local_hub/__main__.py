"""``python -m hfhub.local_hub DIR --port N``: serve a folder of repositories."""

from __future__ import annotations

import argparse
import sys

from hfhub.local_hub import arguments, serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m hfhub.local_hub",
        description="Serve a folder of repositories as a Hugging Face Hub.",
    )
    arguments.add(parser)
    sys.exit(serve.run(parser.parse_args()))
