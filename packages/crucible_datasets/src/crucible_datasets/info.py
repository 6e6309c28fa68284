"""What is known of a dataset beside its rows: description, licence, features, sizes."""

from __future__ import annotations

import copy
import json
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crucible_datasets.schema import Features
    from crucible_datasets.splits import SplitDict

__all__ = ["DatasetInfo", "DatasetInfosDict"]

INFO_FILE = "dataset_info.json"
LICENSE_FILE = "LICENSE"
_ALWAYS = {"name", "num_bytes", "num_examples"}  # of a SplitInfo
INFOS_FILE = "dataset_infos.json"


@dataclass
class DatasetInfo:
    """What is known of a dataset; every field may be missing.

    The fields, and the JSON and YAML they are written as, are those of ``datasets``.
    """

    description: str = field(default_factory=str)
    citation: str = field(default_factory=str)
    homepage: str = field(default_factory=str)
    license: str = field(default_factory=str)
    features: Features | None = None
    post_processed: dict[str, Any] | None = None
    supervised_keys: dict[str, Any] | None = None
    builder_name: str | None = None
    dataset_name: str | None = None
    config_name: str | None = None
    version: Any = None
    splits: SplitDict | None = None
    download_checksums: dict[str, Any] | None = None
    download_size: int | None = None
    post_processing_size: int | None = None
    dataset_size: int | None = None
    size_in_bytes: int | None = None

    in_yaml: ClassVar[tuple[str, ...]] = (
        "config_name",
        "download_size",
        "dataset_size",
        "features",
        "splits",
    )

    def __post_init__(self) -> None:
        if self.features is not None or self.splits is not None:
            from crucible_datasets.schema import Features
            from crucible_datasets.splits import SplitDict

            # Both may be plain dicts, as dataset_info.json has them.
            features: Any = self.features
            splits: Any = self.splits
            if not isinstance(features, Features | None):
                self.features = Features.from_dict(features)
            if not isinstance(splits, SplitDict | None):
                self.splits = SplitDict.from_split_dict(splits)

    def to_dict(self) -> dict[str, Any]:
        """Plain values as ``dataset_info.json`` holds them; without fields at their default."""
        return {
            part.name: _plain(getattr(self, part.name))
            for part in fields(self)
            if part.default is MISSING or getattr(self, part.name) != part.default
        }

    @classmethod
    def from_dict(cls, dataset_info_dict: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; unknown keys are left out."""
        known = {part.name for part in fields(cls)}
        return cls(**{key: value for key, value in dataset_info_dict.items() if key in known})

    def write_to_directory(
        self,
        dataset_info_dir: str | Path,
        pretty_print: bool = False,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Write ``dataset_info.json``, and ``LICENSE`` if there is one, to a folder.

        Args:
            dataset_info_dir: the folder, which must exist; an fsspec URL too.
            pretty_print: indent the JSON.
            storage_options: for the file system that the URL names.
        """
        from crucible_datasets.storage import Place

        folder = Place.of(dataset_info_dir, storage_options)
        text = json.dumps(self.to_dict(), indent=4 if pretty_print else None)
        folder.child(INFO_FILE).write(text.encode())
        if self.license:
            folder.child(LICENSE_FILE).write(self.license.encode())

    @classmethod
    def from_directory(
        cls, dataset_info_dir: str | Path, storage_options: Mapping[str, Any] | None = None
    ) -> Self:
        """Read the ``dataset_info.json`` of a folder.

        Raises:
            ValueError: no folder is named.
            FileNotFoundError: there is no such file.
        """
        from crucible_datasets.storage import Place

        if not dataset_info_dir:
            raise ValueError("name the folder that dataset_info.json lies in")
        place = Place.of(dataset_info_dir, storage_options)
        return cls.from_dict(json.loads(place.child(INFO_FILE).read()))

    @classmethod
    def from_merge(cls, dataset_infos: Iterable[DatasetInfo | None]) -> DatasetInfo:
        """One for several datasets put together: texts joined, the rest left out."""
        infos = [info.copy() for info in dataset_infos if info is not None]
        if infos and all(infos[0] == info for info in infos):
            return infos[0]
        return cls(
            description=_joined(info.description for info in infos),
            citation=_joined(info.citation for info in infos),
            homepage=_joined(info.homepage for info in infos),
            license=_joined(info.license for info in infos),
        )

    def update(self, other_dataset_info: DatasetInfo, ignore_none: bool = True) -> None:
        """Take over the fields of another, those that are None only if asked to.

        Args:
            other_dataset_info: what to take.
            ignore_none: keep a field that the other does not know.
        """
        for part in fields(self):
            value = getattr(other_dataset_info, part.name)
            if value is not None or not ignore_none:
                setattr(self, part.name, copy.deepcopy(value))

    def copy(self) -> Self:
        """A deep copy."""
        return copy.deepcopy(self)

    def to_yaml_dict(self) -> dict[str, Any]:
        """What a README's ``dataset_info`` holds."""
        given = self.to_dict()
        chosen = {}
        for name in self.in_yaml:
            if name in given:
                value = getattr(self, name)
                as_list = getattr(value, "_to_yaml_list", None)
                chosen[name] = as_list() if as_list else value
        return chosen

    @classmethod
    def from_yaml_dict(cls, yaml_data: Mapping[str, Any]) -> Self:
        """Read a README's ``dataset_info``."""
        from crucible_datasets.schema import Features
        from crucible_datasets.splits import SplitDict

        data = dict(yaml_data)
        if data.get("features") is not None:
            data["features"] = Features.from_yaml_list(data["features"])
        if data.get("splits") is not None:
            data["splits"] = SplitDict.from_yaml_list(data["splits"])
        return cls.from_dict(data)

    # the names that ``datasets`` has for these, which other libraries call
    _to_yaml_dict = to_yaml_dict
    _from_yaml_dict = from_yaml_dict

    def __repr__(self) -> str:
        given = [
            f"{part.name}={getattr(self, part.name)!r}"
            for part in fields(self)
            if getattr(self, part.name)
        ]
        return f"{type(self).__qualname__}({', '.join(given)})"


class DatasetInfosDict(dict[str, DatasetInfo]):
    """The infos of a repository, by configuration."""

    def write_to_directory(
        self, dataset_infos_dir: str | Path, overwrite: bool = False, pretty_print: bool = False
    ) -> None:
        """Write ``dataset_infos.json``.

        Args:
            dataset_infos_dir: the folder.
            overwrite: drop what the file held before, instead of adding to it.
            pretty_print: indent the JSON.
        """
        path = Path(dataset_infos_dir) / INFOS_FILE
        before = json.loads(path.read_text()) if path.exists() and not overwrite else {}
        infos = {**before, **{name: info.to_dict() for name, info in self.items()}}
        path.write_text(json.dumps(infos, indent=4 if pretty_print else None))

    @classmethod
    def from_directory(cls, dataset_infos_dir: str | Path) -> Self:
        """Read ``dataset_infos.json``; empty if there is none."""
        path = Path(dataset_infos_dir) / INFOS_FILE
        if not path.exists():
            return cls()
        found = json.loads(path.read_text())
        return cls({name: DatasetInfo.from_dict(info) for name, info in found.items()})


def _plain(value: Any) -> Any:
    """A field as JSON has it."""
    if hasattr(value, "to_dict"):
        return _plain(value.to_dict())
    if is_dataclass(value):
        return {
            part.name: _plain(getattr(value, part.name))
            for part in fields(value)
            if part.name in _ALWAYS or getattr(value, part.name) != part.default
        }
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _joined(texts: Iterable[str]) -> str:
    different: Sequence[str] = list(dict.fromkeys(texts))
    return "\n\n".join(different).strip()
