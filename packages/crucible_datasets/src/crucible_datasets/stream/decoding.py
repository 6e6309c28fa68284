"""Turning the decoding of media on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.schema import Features
from crucible_datasets.schema.visit import visit

if TYPE_CHECKING:
    from crucible_datasets.stream.node import Node


def decode_step(
    node: Node, features: Features, enable: bool, num_threads: int
) -> tuple[Node, Features]:
    """The steps and the features for decoding or not.

    Args:
        node: the steps so far.
        features: of the rows so far.
        enable: whether to decode.
        num_threads: threads that decode.
    """
    if enable and num_threads:
        raise NotImplementedError("decode(num_threads=...) is not there yet; use prefetch(n)")
    return node, with_decoding(features, enable)


def with_decoding(features: Features, enable: bool) -> Features:
    """The features with every ``decode`` flag set to ``enable``."""

    def change(feature: Any, _path: Any) -> Any:
        if hasattr(feature, "decode") and feature.decode != enable:
            from dataclasses import replace

            return replace(feature, decode=enable)
        return feature

    return Features({name: visit(feature, change) for name, feature in features.items()})
