"""Rows, columns and batches as JAX arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_datasets.formatting.tensors import TensorFormatter

if TYPE_CHECKING:
    from crucible_datasets.schema import Features


class JaxFormatter(TensorFormatter):
    """Integers as int32 (int64 where JAX has them switched on), floats as float32, text as it is.

    Args:
        features: of the columns.
        device: the name of a device, as ``str(jax.devices()[0])`` gives it; the first by default.
        kwargs: for ``jax.numpy.array``.
    """

    def __init__(
        self, features: Features | None = None, device: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(features)
        import jax

        self.jax = jax
        self.kwargs = kwargs
        if device is not None and not isinstance(device, str):
            raise ValueError(f"name the device by a string, str(device), not by {device!r}")
        devices = {str(known): known for known in jax.devices()}
        self.device = next(iter(devices.values())) if device is None else devices.get(device)
        if self.device is None:
            raise ValueError(f"there is no device {device!r}; there are {list(devices)}")

    def leaf(self, value: Any) -> Any:
        """One value that holds no other."""
        if isinstance(value, (str, bytes, type(None))) and not isinstance(value, np.character):
            return value
        jnp = self.jax.numpy
        default = {}
        if isinstance(value, (np.ndarray, np.generic)):
            if np.issubdtype(value.dtype, np.character):
                return value.tolist()
            if np.issubdtype(value.dtype, np.integer):
                wide = self.jax.config.jax_enable_x64
                default = {"dtype": jnp.int64 if wide else jnp.int32}
            elif np.issubdtype(value.dtype, np.floating):
                default = {"dtype": jnp.float32}
        return self._array(value, **default)

    def image(self, pixels: np.ndarray[Any, Any]) -> Any:
        """Height, width, channels."""
        return self._array(pixels)

    def _array(self, value: Any, **default: Any) -> Any:
        with self.jax.default_device(self.device):
            return self.jax.numpy.array(value, **{**default, **self.kwargs})

    def stacked(self, values: list[Any]) -> Any:
        """Arrays of one shape and type as one array; others as a list."""
        if values and all(
            isinstance(value, self.jax.Array)
            and value.shape == values[0].shape
            and value.dtype == values[0].dtype
            for value in values
        ):
            return self.jax.numpy.stack(values, axis=0)
        return values
