"""Which of a dataset's configs is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crucible_datasets.discovery.card import Card, CardConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT = "default"

#: How the Hub lays out the Parquet copies that it makes under ``refs/convert/parquet``.
_CONVERTED = re.compile(r"(?P<config>.+)/(?P<split>[^/]+)/\d{4}\.parquet")


def config_names(card: Card) -> list[str]:
    """The configs that there are, in order."""
    return list(card.configs) or [DEFAULT]


def choose_config(card: Card, name: str | None, *, dataset: str, files_given: bool) -> CardConfig:
    """The config called ``name``, or the one that is meant when None is named.

    Args:
        card: what is declared.
        name: as the caller wrote it.
        dataset: as the caller wrote it, for the message.
        files_given: whether the caller names the files, so that no config is needed.

    Raises:
        ValueError: there is no such config; or none is named, and there are several.
    """
    if name is not None:
        if name in card.configs:
            return card.configs[name]
        if not card.configs and name == DEFAULT:
            return CardConfig(DEFAULT)
        raise ValueError(f"BuilderConfig {name!r} not found. Available: {config_names(card)}")
    default = card.default
    if default is not None:
        return card.configs.get(default) or CardConfig(default)
    if len(card.configs) > 1 and not files_given:
        names = config_names(card)
        raise ValueError(
            f"Config name is missing.\nPlease pick one among the available configs: {names}\n"
            f"Example of usage:\n\t`load_dataset({dataset!r}, {names[0]!r})`"
        )
    return CardConfig(DEFAULT)


def converted_card(paths: Sequence[str]) -> Card | None:
    """The configs and splits of a Parquet copy that the Hub made; None if ``paths`` are not one.

    >>> converted_card(["main/test/0000.parquet"]).configs["main"].data_files
    [{'split': 'test', 'path': ['main/test/*.parquet']}]
    """
    data = [path for path in paths if not path.startswith(".") and "/" in path]
    found = [_CONVERTED.fullmatch(path) for path in data]
    if not data or None in found:
        return None
    layout: dict[str, dict[str, str]] = {}
    for match in found:
        assert match is not None
        # "partial-train": the Hub converted only the first gigabytes.
        split = match["split"].removeprefix("partial-")
        layout.setdefault(match["config"], {})[split] = f"{match['config']}/{match['split']}"
    return Card(
        {
            config: CardConfig(
                config,
                [
                    {"split": split, "path": [f"{folder}/*.parquet"]}
                    for split, folder in sorted(splits.items(), key=lambda item: _order(item[0]))
                ],
            )
            for config, splits in layout.items()
        }
    )


def _order(split: str) -> tuple[int, str]:
    usual = ("train", "validation", "test")
    return (usual.index(split) if split in usual else len(usual), split)
