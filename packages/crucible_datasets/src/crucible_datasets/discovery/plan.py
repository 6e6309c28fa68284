"""What will be read: the files of each split of one config, their format, and its options."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_datasets.discovery.card import Card, CardConfig, read_card
from crucible_datasets.discovery.config import DEFAULT, choose_config, converted_card
from crucible_datasets.discovery.data_files import Splits, patterns_of, pick
from crucible_datasets.discovery.glob import has_extension
from crucible_datasets.discovery.patterns import infer_patterns, matching
from crucible_datasets.errors import DataFilesNotFoundError
from crucible_datasets.formats import get_format
from crucible_datasets.formats.extensions import (
    DATA_EXTENSIONS,
    Kind,
    belongs,
    inner_majority,
    majority,
)
from crucible_datasets.formats.members import inner_path, is_archive, member_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_datasets.discovery.place import Place
    from crucible_datasets.discovery.tree import Tree
    from crucible_datasets.formats.base import DataFile
    from hfhub.settings import Settings

logger = logging.getLogger(__name__)

#: Archives that are opened to see what format their members are in.
_ARCHIVES_LOOKED_INTO = 10

#: Parameters of every config, whatever the format.
_COMMON = frozenset({"name", "version", "description", "features"})


def _current() -> Settings:
    from hfhub import settings

    return settings.current()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a config of a dataset consists of.

    Attributes:
        place: where it is.
        card: what is declared about it.
        config: the config's name.
        splits: split -> its files, in order.
        format: the format of all the files.
        options: the format's parameters.
        is_declared: whether what the card says of the config is about these very files.
    """

    place: Place
    card: Card
    config: CardConfig
    splits: Splits
    format: str
    options: Mapping[str, Any] = field(default_factory=dict)
    is_declared: bool = True

    @property
    def files(self) -> tuple[DataFile, ...]:
        """All files, split by split."""
        return tuple(file for files in self.splits.values() for file in files)


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller asks for beside the place.

    Attributes:
        dataset: the place as the caller wrote it.
        name: the config.
        data_files: patterns, in any of their shapes.
        data_dir: the folder to look into.
        options: parameters for the format.
        token: for the Hub.
        settings: of hfhub, read from the environment by default.
    """

    dataset: str
    name: str | None = None
    data_files: Any = None
    data_dir: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    token: bool | str | None = field(default=None, repr=False)
    settings: Settings = field(default_factory=_current)

    @property
    def names_files(self) -> bool:
        """Whether the caller says where the files are."""
        return self.data_files is not None or self.data_dir is not None


def find_card(place: Place) -> Card:
    """What is declared about the dataset at ``place``; nothing about bare files."""
    if place.format is not None:
        return Card()
    card = read_card(place.tree)
    if place.repo_id is not None and not card.configs:
        return converted_card(place.tree.paths) or card
    return card


def make_plan(place: Place, card: Card, request: Request) -> Plan:
    """The files, format and options of the config that is asked for.

    Raises:
        ValueError: there is no such config; or the splits are in different formats; or an option is
            none of the format's.
        DataFilesNotFoundError: there is no data file.
    """
    if place.format is not None:
        splits = _named_files(place.tree, request, None)
        config = CardConfig(request.name or DEFAULT)
        options = _checked(request.options, place.format)
        return Plan(place, card, config, splits, place.format, options, is_declared=False)
    config = choose_config(
        card, request.name, dataset=request.dataset, files_given=request.names_files
    )
    splits = _named_files(place.tree, request, config)
    kind = infer_kind(splits, request.dataset)
    if request.data_files is None and config.data_files is None:
        splits = {
            split: tuple(file for file in files if belongs(inner_path(file.name), kind.format))
            for split, files in splits.items()
        }
    options = {
        **kind.options,
        **_known(config, kind.format),
        **_checked(request.options, kind.format),
    }
    declared = not request.names_files
    return Plan(place, card, config, splits, kind.format, options, is_declared=declared)


def infer_kind(splits: Splits, dataset: str) -> Kind:
    """The format that the files of all splits are in.

    Raises:
        ValueError: the splits are in different ones.
        DataFilesNotFoundError: it is none that we know.
    """
    kinds = {split: _kind(files) for split, files in splits.items()}
    first = next(iter(kinds.values()))
    if any(kind != first for kind in kinds.values()):
        found = {split: kind and kind.format for split, kind in kinds.items()}
        raise ValueError(f"Couldn't infer the same data file format for all splits. Got {found}")
    if first is None:
        raise DataFilesNotFoundError(f"No (supported) data files found in {dataset}")
    return first


def _kind(files: tuple[DataFile, ...]) -> Kind | None:
    found = majority(inner_path(file.name) for file in files)
    if not isinstance(found, str):
        return found
    archives = [file for file in files if is_archive(file.name)][:_ARCHIVES_LOOKED_INTO]
    members = [inner_path(member.name) for archive in archives for member in member_files(archive)]
    return inner_majority(members)


def _named_files(tree: Tree, request: Request, config: CardConfig | None) -> Splits:
    """The files: those that the caller names, else the config, else what their names tell."""
    patterns, extensions = request.data_files, None
    if config is not None:
        if request.data_dir is not None:
            tree = tree.within(request.data_dir)
        elif patterns is None:
            if config.data_dir is not None:
                tree = tree.within(config.data_dir)
            patterns, extensions = config.data_files, DATA_EXTENSIONS
    if patterns is None:
        return _inferred(tree, config)
    return pick(
        tree,
        patterns_of(patterns),
        extensions=extensions,
        token=request.token,
        settings=request.settings,
    )


def _inferred(tree: Tree, config: CardConfig | None) -> Splits:
    patterns = infer_patterns(tree.paths)
    splits = {}
    for split, globs in patterns.items():
        files = [
            tree.file(path)
            for path in matching(tree.paths, globs)
            if config is None or has_extension(path, DATA_EXTENSIONS)
        ]
        if files:
            splits[split] = tuple(files)
    if not splits:
        told = "" if config is None or config.name == DEFAULT else f" for config {config.name!r}"
        raise DataFilesNotFoundError(f"{tree.place} doesn't contain any data files{told}")
    return splits


def _known(config: CardConfig, format_: str) -> dict[str, Any]:
    """The card's parameters that the format has; the others are told and left out."""
    known = set(get_format(format_).options)
    ignored = set(config.options) - known - _COMMON
    if ignored:
        logger.warning(
            "config %r: the %s format has no parameters %s; they are left out",
            config.name,
            format_,
            sorted(ignored),
        )
    return {name: value for name, value in config.options.items() if name in known}


def _checked(options: Mapping[str, Any], format_: str) -> dict[str, Any]:
    """The caller's parameters.

    Raises:
        ValueError: the format has none of that name.
    """
    known = get_format(format_).options
    if unknown := sorted(set(options) - set(known) - _COMMON):
        raise ValueError(
            f"BuilderConfig doesn't have a {unknown[0]!r} key: the {format_} format takes "
            f"{sorted(known)}"
        )
    return {name: value for name, value in options.items() if name not in _COMMON}
