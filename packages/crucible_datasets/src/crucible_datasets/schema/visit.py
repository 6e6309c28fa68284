"""Walks over nested features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.schema.lists import LargeList, List

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Path = tuple[str | int, ...]


def visit(feature: Any, change: Callable[[Any, Path], Any], path: Path = ()) -> Any:
    """``feature`` with each part replaced by what ``change`` gives for it, innermost first.

    Args:
        feature: a feature, dict or Features; it is not changed.
        change: called with a part and its path (a name for a struct's field, 0 for a list's
            element); None keeps the part.
        path: where ``feature`` itself is.
    """
    if isinstance(feature, dict):
        parts = {name: visit(inner, change, (*path, name)) for name, inner in feature.items()}
        feature = parts if type(feature) is dict else type(feature)(parts)
    elif isinstance(feature, list):
        feature = [visit(inner, change, (*path, 0)) for inner in feature]
    elif isinstance(feature, List):
        inner = visit(feature.feature, change, (*path, 0))
        feature = List(inner, length=feature.length, id=feature.id)
    elif isinstance(feature, LargeList):
        feature = LargeList(visit(feature.feature, change, (*path, 0)), id=feature.id)
    changed = change(feature, path)
    return feature if changed is None else changed


def leaves(feature: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The path and the feature of each part that is neither struct nor list."""
    if isinstance(feature, dict):
        for name, inner in feature.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(feature, (list, tuple)):
        yield from leaves(feature[0], (*path, 0))
    elif isinstance(feature, (List, LargeList)):
        yield from leaves(feature.feature, (*path, 0))
    else:
        yield path, feature


def requires_decoding(feature: Any, *, ignore_decode_attribute: bool = False) -> bool:
    """Whether a stored value of the feature is not yet what a reader wants.

    True for media and ``Json``, wherever nested, unless they have ``decode=False``.

    Args:
        feature: a feature, dict or Features.
        ignore_decode_attribute: True counts those with ``decode=False`` too.
    """
    return any(
        hasattr(leaf, "decode_example")
        and (ignore_decode_attribute or getattr(leaf, "decode", True))
        for _, leaf in leaves(feature)
    )


def has_files(feature: Any) -> bool:
    """Whether decoding the feature, wherever nested, opens files: images, audio and the like."""
    return any(
        hasattr(leaf, "embed_storage") and getattr(leaf, "decode", False)
        for _, leaf in leaves(feature)
    )


def requires_storage_cast(feature: Any) -> bool:
    """Whether values must go through a ``cast_storage`` of the feature, wherever nested."""
    return any(hasattr(leaf, "cast_storage") for _, leaf in leaves(feature))


def requires_storage_embed(feature: Any) -> bool:
    """Whether the feature, wherever nested, may refer to files that can be embedded."""
    return any(hasattr(leaf, "embed_storage") for _, leaf in leaves(feature))
