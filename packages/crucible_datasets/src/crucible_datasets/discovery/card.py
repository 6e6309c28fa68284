"""What a repository's README says in its YAML head: configs, files, splits, features."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_datasets.splits import SPLIT_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_datasets.discovery.tree import Tree

logger = logging.getLogger(__name__)

README = "README.md"
#: Says the same as README's head, and wins over it.
STANDALONE = ".huggingface.yaml"
#: What old versions of the peer wrote.
LEGACY_INFOS = "dataset_infos.json"

DataFilesField = str | list[Any]


@dataclass(frozen=True, slots=True)
class CardConfig:
    """One entry of ``configs``.

    Attributes:
        name: the config.
        data_files: as written: a pattern, a list of them, or a list of ``{split, path}``.
        data_dir: the folder that its patterns start from.
        is_default: whether it says ``default: true``.
        options: everything else: parameters for the format.
    """

    name: str
    data_files: DataFilesField | None = None
    data_dir: str | None = None
    is_default: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """What is declared about a dataset; empty where nothing is.

    Attributes:
        configs: config name -> its entry, in order.
        infos: config name -> ``dataset_info`` as YAML has it (``features`` a list, ...).
        legacy_infos: config name -> what ``dataset_infos.json`` says (``features`` a dict, ...).
    """

    configs: Mapping[str, CardConfig] = field(default_factory=dict)
    infos: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    legacy_infos: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def default(self) -> str | None:
        """The config that is meant when none is named, or None if there are several.

        Raises:
            ValueError: more than one claims to be the default.
        """
        found = [
            config.name
            for config in self.configs.values()
            if len(self.configs) == 1 or config.name == "default" or config.is_default
        ]
        if len(found) > 1:
            raise ValueError(f"Dataset has several default configs: {found[0]!r} and {found[1]!r}.")
        if found:
            return found[0]
        described = {**self.legacy_infos, **self.infos}
        return next(iter(described)) if len(described) == 1 else None


def read_card(tree: Tree) -> Card:
    """The card of the dataset in ``tree``.

    Raises:
        ValueError: it is not as YAML or as ``configs`` should be; it says what and where.
    """
    data = {**_head(tree), **_standalone(tree)}
    where = f"{tree.place}/{README}"
    return Card(_configs(data.get("configs"), where), _infos(data, where), _legacy(tree))


def front_matter(text: str) -> str | None:
    """The YAML between the ``---`` lines at the beginning of ``text``, or None.

    >>> front_matter("---\\na: 1\\n---\\n# Title")
    'a: 1'
    """
    lines = text.removeprefix("\ufeff").lstrip("\r\n").splitlines()
    if not lines or lines[0].rstrip() != "---":
        return None
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number])
    return None


def _head(tree: Tree) -> dict[str, Any]:
    content = tree.read(README)
    if content is None:
        return {}
    head = front_matter(content.decode("utf-8", errors="replace"))
    return {} if head is None else _yaml(head, f"{tree.place}/{README}")


def _standalone(tree: Tree) -> dict[str, Any]:
    content = tree.read(STANDALONE)
    return {} if content is None else _yaml(content.decode("utf-8"), f"{tree.place}/{STANDALONE}")


def _yaml(text: str, where: str) -> dict[str, Any]:
    import yaml

    try:
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe one
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{where}: the YAML is malformed: {error}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ValueError(  # noqa: TRY004 - what the text says, not what a caller passed
            f"{where}: the YAML is a {type(data).__name__}, and should be a mapping"
        )
    return data


def _configs(entries: Any, where: str) -> dict[str, CardConfig]:
    if not entries:
        return {}
    if not isinstance(entries, list):
        raise ValueError(  # noqa: TRY004 - what the text says, not what a caller passed
            f"{where}: Expected configs to be a list, but got {entries!r}"
        )
    found = {}
    for entry in entries:
        if not isinstance(entry, dict) or "config_name" not in entry:
            raise ValueError(
                f"{where}: each config needs a config_name, and this has none: {entry!r}"
            )
        rest = {key: value for key, value in entry.items() if key != "config_name"}
        name = str(entry["config_name"])
        found[name] = CardConfig(
            name,
            _data_files(rest.pop("data_files", None), where),
            rest.pop("data_dir", None),
            bool(rest.pop("default", False)),
            rest,
        )
    return found


def _data_files(value: Any, where: str) -> DataFilesField | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(map(_is_item, value)):
        return value
    raise ValueError(
        f"{where}: data_files is a pattern, a list of patterns, or a list of {{split: ..., "
        "path: ...}} whose splits are made of letters, digits, '_' and '.', and this is none of "
        f"them: {value!r}"
    )


def _is_item(item: Any) -> bool:
    return isinstance(item, str) or (
        isinstance(item, dict)
        and set(item) == {"split", "path"}
        and SPLIT_NAME.fullmatch(str(item["split"])) is not None
        and isinstance(item["path"], str | list)
    )


def _infos(data: Mapping[str, Any], where: str) -> dict[str, Mapping[str, Any]]:
    value = data.get("dataset_info")
    if not value:
        return {}
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise ValueError(f"{where}: dataset_info is a mapping or a list of them, not {value!r}")
    return {str(item.get("config_name", "default")): item for item in items}


def _legacy(tree: Tree) -> dict[str, Mapping[str, Any]]:
    content = tree.read(LEGACY_INFOS)
    if content is None:
        return {}
    try:
        infos = json.loads(content)
    except ValueError as error:
        logger.warning("%s/%s is not JSON and is left out: %s", tree.place, LEGACY_INFOS, error)
        return {}
    if len(infos) == 1:  # its only config was named after the repository
        infos = {"default": next(iter(infos.values()))}
    return {str(name): info for name, info in infos.items()}
