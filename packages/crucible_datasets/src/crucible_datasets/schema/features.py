"""``Features``: the columns of a dataset and what each holds."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from crucible_datasets.errors import MediaError
from crucible_datasets.schema.encode import Decode, decoder_of, encode_value, to_python_objects
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.registry import build_feature, describe_feature
from crucible_datasets.schema.visit import has_files, visit
from crucible_datasets.schema.yaml_list import features_from_yaml, features_to_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import polars as pl
    import pyarrow as pa


class Features(dict[str, Any]):
    """The columns of a dataset, in order, and the feature type of each.

    A column is a scalar (``Value``, ``ClassLabel``), a dict of features (a struct), a ``List`` or
    ``LargeList``, an array (``Array2D`` ...), media (``Image``, ``Audio`` ...) or ``Json``.

    >>> features = Features({"text": Value("string"), "label": ClassLabel(names=["no", "yes"])})
    >>> features
    {'text': Value('string'), 'label': ClassLabel(names=['no', 'yes'])}
    >>> Features.from_dict(features.to_dict()) == features
    True

    A list ``[feature]``, as one wrote of old, becomes ``List(feature)``.
    """

    def __init__(*args: Any, **kwargs: Any) -> None:  # a column may be called self
        self, *rest = args
        super(Features, self).__init__(*rest, **kwargs)
        for name, feature in self.items():
            super(Features, self).__setitem__(name, visit(feature, _list_of_old))

    def __setitem__(self, name: str, feature: Any) -> None:
        self.__dict__.pop("_decoders", None)
        super().__setitem__(name, feature)

    def __delitem__(self, name: str) -> None:
        self.__dict__.pop("_decoders", None)
        super().__delitem__(name)

    def __ior__(self, other: Any) -> Features:  # type: ignore[override,misc]
        self.__dict__.pop("_decoders", None)
        super().__ior__(other)
        return self

    def update(self, *args: Any, **kwargs: Any) -> None:
        """As ``dict.update``."""
        self.__dict__.pop("_decoders", None)
        super().update(*args, **kwargs)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """As ``dict.setdefault``."""
        self.__dict__.pop("_decoders", None)
        return super().setdefault(name, default)

    def pop(self, *args: Any) -> Any:
        """As ``dict.pop``."""
        self.__dict__.pop("_decoders", None)
        return super().pop(*args)

    def popitem(self) -> tuple[str, Any]:
        """As ``dict.popitem``."""
        self.__dict__.pop("_decoders", None)
        return super().popitem()

    def clear(self) -> None:
        """As ``dict.clear``."""
        self.__dict__.pop("_decoders", None)
        super().clear()

    def __reduce__(self) -> tuple[Any, ...]:
        return Features, (dict(self),)

    @property
    def decoders(self) -> dict[str, Decode]:
        """What decodes the columns whose stored values must be (media, ``Json``), made once."""
        known: dict[str, Decode] | None = self.__dict__.get("_decoders")
        if known is None:
            made = {name: decoder_of(feature) for name, feature in self.items()}
            known = {name: decode for name, decode in made.items() if decode is not None}
            self.__dict__["_decoders"] = known
        return known

    @property
    def decodable(self) -> frozenset[str]:
        """The columns whose stored values must be decoded (media, ``Json``)."""
        return frozenset(self.decoders)

    @property
    def type(self) -> pa.DataType:
        """The Arrow struct of the columns."""
        from crucible_datasets.schema.arrow import arrow_type

        return arrow_type(self)

    @property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema, byte for byte that of ``datasets``, ``huggingface`` metadata included.

        ``Json`` and the arrays have extension types here; see :attr:`storage_schema`.
        """
        import pyarrow as pa

        from crucible_datasets.schema.arrow import arrow_type, features_metadata

        # field by field: pa.schema(struct) goes through C, where our extension types get lost
        fields = [pa.field(name, arrow_type(feature)) for name, feature in self.items()]
        return pa.schema(fields, features_metadata(self.to_dict()))

    @property
    def storage_schema(self) -> pa.Schema:
        """The schema of our tables: that of :attr:`arrow_schema` without extension types."""
        import pyarrow as pa

        from crucible_datasets.schema.arrow import features_metadata, storage_type

        return pa.schema(storage_type(self.type)).with_metadata(features_metadata(self.to_dict()))

    @property
    def polars_schema(self) -> pl.Schema:
        """The Polars schema of the stored values."""
        from crucible_datasets.schema.polars import polars_schema

        return polars_schema(self)

    @classmethod
    def from_arrow_schema(cls, pa_schema: pa.Schema) -> Features:
        """The features of an Arrow schema.

        ``huggingface`` metadata decide where they agree with a column's type; a column that they
        do not know, or whose type has changed since, is described by its type.

        Args:
            pa_schema: the schema.

        Raises:
            ValueError: if a column's type has no feature, or two columns have one name.
        """
        from crucible_datasets.schema.arrow import (
            arrow_type,
            declared_features,
            feature_of_field,
            storage_type,
        )

        declared = declared_features(pa_schema)
        known = cls.from_dict(declared) if declared else cls()
        found = {}
        for field in pa_schema:
            feature = known.get(field.name)
            if field.name in found:
                raise ValueError(f"two columns are called {field.name!r}; each needs its own name")
            if feature is None or storage_type(arrow_type(feature)) != storage_type(field.type):
                feature = feature_of_field(field)
            found[field.name] = feature
        return cls(found)

    @classmethod
    def from_polars_schema(cls, schema: Mapping[str, Any]) -> Features:
        """The features of a Polars schema (name -> data type).

        Raises:
            ValueError: if a column's type has no feature.
        """
        from crucible_datasets.schema.polars import feature_of_dtype

        return cls({name: feature_of_dtype(dtype) for name, dtype in schema.items()})

    @classmethod
    def from_dict(cls, dic: Mapping[str, Any]) -> Features:
        """The inverse of :meth:`to_dict`.

        Raises:
            ValueError: if it names a feature type that there is not.
        """
        return cls(build_feature(dic))

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, as ``dataset_info.json`` and Parquet metadata hold them."""
        described: dict[str, Any] = describe_feature(self)
        return described

    @classmethod
    def from_yaml_list(cls, yaml_data: list[dict[str, Any]]) -> Features:
        """The features of the list in a README's ``dataset_info``.

        Raises:
            TypeError: if a part of it is neither dict nor list.
            ValueError: if class labels are not numbered without a gap.
        """
        return cls.from_dict(features_from_yaml(yaml_data))

    def to_yaml_list(self) -> list[dict[str, Any]]:
        """The list that a README's ``dataset_info`` holds."""
        return features_to_yaml(self.to_dict())

    # the names that ``datasets`` has for these, which other libraries call
    _from_yaml_list = from_yaml_list
    _to_yaml_list = to_yaml_list

    def encode_example(self, example: Any) -> Any:
        """A row of Python objects as the plain values that Arrow stores.

        Args:
            example: the row; columns that the features do not know are left out.
        """
        return encode_value(self, to_python_objects(example), top=True)

    def encode_column(self, column: Any, column_name: str) -> list[Any]:
        """The values of one column as the plain values that Arrow stores."""
        feature = self[column_name]
        return [encode_value(feature, value) for value in to_python_objects(column)]

    def encode_batch(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """A dict of columns as the plain values that Arrow stores.

        Raises:
            ValueError: if the columns are not those of the features.
        """
        if set(batch) != set(self):
            raise ValueError(
                f"the batch has the columns {list(batch)}, but the features have {list(self)}"
            )
        return {name: self.encode_column(column, name) for name, column in batch.items()}

    def decode_example(
        self, example: Mapping[str, Any], token_per_repo_id: Any = None
    ) -> dict[str, Any]:
        """A stored row as what readers get: images opened, ``Json`` parsed.

        Args:
            example: the row; it may have some of the columns only.
            token_per_repo_id: repository id -> token, for media that are links into the Hub.
        """
        decoded = dict(example)
        for name, decode in self.decoders.items():
            if name in decoded:
                try:
                    decoded[name] = decode(decoded[name], token_per_repo_id)
                except MediaError as error:
                    raise error.at(error.row, name) from error
        return decoded

    def decode_column(
        self, column: list[Any], column_name: str, token_per_repo_id: Any = None
    ) -> list[Any]:
        """The stored values of one column as readers get them; the same list if nothing changes."""
        decode = self.decoders.get(column_name)
        if decode is None:
            return column
        if not has_files(self[column_name]):
            return [decode(value, token_per_repo_id) for value in column]
        from crucible_datasets.media.decode import decode_column

        return decode_column(decode, column, column_name, token_per_repo_id)

    def decode_rows(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        first_row: int = 0,
        token_per_repo_id: Any = None,
    ) -> Iterator[dict[str, Any]]:
        """Stored rows as what readers get; media are decoded ahead, by several threads.

        Rows that ``on_error="skip"`` leaves out are not among them.

        Args:
            rows: the rows; they may have some of the columns only.
            first_row: the number of the first, for errors.
            token_per_repo_id: repository id -> token, for media that are links into the Hub.

        Raises:
            MediaError: with row and column, where a value can't be decoded.
        """
        if not any(has_files(self[name]) for name in self.decoders):
            return (self.decode_example(row, token_per_repo_id) for row in rows)
        from crucible_datasets.media.decode import decode_rows

        return decode_rows(self, rows, first_row=first_row, token_per_repo_id=token_per_repo_id)

    def decode_batch(
        self, batch: Mapping[str, list[Any]], token_per_repo_id: Any = None
    ) -> dict[str, list[Any]]:
        """A dict of stored columns as what readers get."""
        return {
            name: self.decode_column(column, name, token_per_repo_id)
            for name, column in batch.items()
        }

    def copy(self) -> Features:
        """A deep copy."""
        return copy.deepcopy(self)

    def reorder_fields_as(self, other: Features) -> Features:
        """These features with the fields, nested ones too, in the order of ``other``.

        Raises:
            ValueError: if the two do not have the same fields.
        """
        return Features(_reordered(self, other, ""))

    def flatten(self, max_depth: int = 16) -> Features:
        """Structs replaced by their fields, called ``column.field``.

        Args:
            max_depth: how many levels at most, plus one.
        """
        features = self.copy()
        for _ in range(1, max_depth):
            parts = {name: _fields_of(feature) for name, feature in features.items()}
            if not any(isinstance(inner, dict) for inner in parts.values()):
                break
            whole = {n: features[n] for n, inner in parts.items() if not isinstance(inner, dict)}
            flat = {
                f"{name}.{key}": feature
                for name, inner in parts.items()
                if isinstance(inner, dict)
                for key, feature in inner.items()
            }
            features = Features({**whole, **flat})
        return features

    def select(self, names: Iterable[str]) -> Features:
        """The features of some columns, in that order.

        Raises:
            KeyError: if a column is unknown.
        """
        return Features({name: self[name] for name in names})


def _list_of_old(feature: Any, _path: Any) -> Any:
    return List(feature[0]) if isinstance(feature, list) else None


def _fields_of(feature: Any) -> Any:
    if isinstance(feature, dict):
        return feature
    inner = feature.flatten() if hasattr(feature, "flatten") else feature
    return inner if isinstance(inner, dict) else feature


def _reordered(source: Any, target: Any, place: str) -> Any:
    where = f" at {place[1:]}" if place else ""
    for kind in (dict, List, LargeList):
        if isinstance(source, kind) and not isinstance(target, kind):
            raise ValueError(f"{source} and {target} differ in type{where}")  # noqa: TRY004
    if isinstance(source, dict):
        if set(source) != set(target):
            apart = sorted(set(source) ^ set(target))
            raise ValueError(f"the fields {apart} are not in both features{where}")
        return {name: _reordered(source[name], target[name], f"{place}.{name}") for name in target}
    if isinstance(source, List):
        inner = _reordered(source.feature, target.feature, f"{place}.<list>")
        return List(inner, length=source.length)
    if isinstance(source, LargeList):
        return LargeList(_reordered(source.feature, target.feature, f"{place}.<list>"))
    return source
