"""Turning the decoding of media on and off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crucible_datasets.schema import Features
from crucible_datasets.schema.visit import visit


def with_decoding(features: Features, enable: bool) -> Features:
    """The features with every ``decode`` flag set to ``enable``."""

    def change(feature: Any, _path: Any) -> Any:
        if hasattr(feature, "decode") and feature.decode != enable:
            return replace(feature, decode=enable)
        return feature

    return Features({name: visit(feature, change) for name, feature in features.items()})
