"""Rows, columns and batches as torch tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_datasets.formatting.tensors import TensorFormatter

if TYPE_CHECKING:
    from crucible_datasets.schema import Features


class TorchFormatter(TensorFormatter):
    """Integers as int64 tensors, floats as float32 tensors, images channels first, text as it is.

    Args:
        features: of the columns.
        kwargs: for ``torch.tensor``.
    """

    def __init__(self, features: Features | None = None, **kwargs: Any) -> None:
        super().__init__(features)
        import torch

        self.torch = torch
        self.kwargs = kwargs

    def leaf(self, value: Any) -> Any:
        """One value that holds no other."""
        if isinstance(value, (str, bytes, type(None))) and not isinstance(value, np.character):
            return value
        default = {}
        if isinstance(value, (np.ndarray, np.generic)):
            if np.issubdtype(value.dtype, np.character):
                return value.tolist()
            if np.issubdtype(value.dtype, np.integer):
                default = {"dtype": self.torch.int64}
                if value.dtype in (np.uint16, np.uint32):  # torch has few functions for these
                    value = value.astype(np.int64)
            elif np.issubdtype(value.dtype, np.floating):
                default = {"dtype": self.torch.float32}
        return self.torch.tensor(value, **{**default, **self.kwargs})

    def image(self, pixels: np.ndarray[Any, Any]) -> Any:
        """Channels first, one channel for grey images."""
        if pixels.ndim == 2:
            pixels = pixels[:, :, np.newaxis]
        return self.torch.tensor(pixels.transpose((2, 0, 1)), **self.kwargs)

    def stacked(self, values: list[Any]) -> Any:
        """Tensors of one shape and type as one tensor; others as a list."""
        if values and all(
            isinstance(value, self.torch.Tensor)
            and value.shape == values[0].shape
            and value.dtype == values[0].dtype
            for value in values
        ):
            return self.torch.stack(values)
        return values
