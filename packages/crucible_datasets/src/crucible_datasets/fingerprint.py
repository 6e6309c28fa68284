"""Names for functions and data by what they are: the same in every process and on every machine."""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
import sysconfig
import types
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Hasher",
    "UnhashableObject",
    "disable_caching",
    "enable_caching",
    "is_caching_enabled",
]

VERSION = b"crucible fingerprint 1"


class UnhashableObject(TypeError):
    """Nothing about an object tells it apart from others in every process."""

    def __init__(self, kind: str, where: str) -> None:
        super().__init__(kind, where)
        self.kind = kind
        self.where = where

    def __str__(self) -> str:
        return f"a {self.kind} in {self.where} has no content to name it by"


class Hasher:
    """A hash over Python objects that were added one after the other.

    Functions count by their code, defaults, closures and the globals that they name; functions and
    classes of installed packages by name and version.

    >>> Hasher.hash([1, "a"]) == Hasher.hash([1, "a"])
    True
    >>> Hasher.hash(lambda x: x + 1) == Hasher.hash(lambda x: x + 2)
    False
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256(VERSION)

    @classmethod
    def hash(cls, value: Any) -> str:
        """The hash of one object, 16 hexadecimal digits.

        Raises:
            UnhashableObject: something in it can't be told apart from others.
        """
        hasher = cls()
        hasher.update(value)
        return hasher.hexdigest()

    @classmethod
    def hash_bytes(cls, value: bytes | list[bytes]) -> str:
        """The hash of bytes, 16 hexadecimal digits."""
        digest = hashlib.sha256()
        for part in [value] if isinstance(value, bytes) else value:
            digest.update(part)
        return digest.hexdigest()[:16]

    def update(self, value: Any) -> None:
        """Add an object.

        Raises:
            UnhashableObject: something in it can't be told apart from others.
        """
        _Walk(self._digest).visit(value)

    def hexdigest(self) -> str:
        """The hash of what was added, 16 hexadecimal digits."""
        return self._digest.hexdigest()[:16]


class _Walk:
    """A walk through an object, feeding a digest."""

    def __init__(self, digest: Any) -> None:
        self.digest = digest
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []  # an object that is gone could lend its id to another

    def put(self, tag: str, data: bytes = b"") -> None:
        self.digest.update(f"{tag}:{len(data)}:".encode())
        self.digest.update(data)

    def visit(self, value: Any) -> None:
        if value is None or value is ... or isinstance(value, (bool, int, float, complex)):
            self.put(type(value).__name__, repr(value).encode())
        elif isinstance(value, str) and type(value) is str:
            self.put("str", value.encode("utf-8", "surrogatepass"))
        elif type(value) in (bytes, bytearray):
            self.put("bytes", bytes(value))
        elif id(value) in self.seen:
            self.put("again", str(self.seen[id(value)]).encode())
        else:
            self.seen[id(value)] = len(self.seen)
            self.kept.append(value)
            self._compound(value)

    def _compound(self, value: Any) -> None:
        if type(value) in (list, tuple):
            self._sequence(type(value).__name__, value)
        elif isinstance(value, (set, frozenset)):
            self.put("set", b"".join(sorted(Hasher.hash(item).encode() for item in value)))
        elif type(value) is dict:
            self._mapping("dict", value)
        elif isinstance(value, types.ModuleType):
            self.put("module", f"{value.__name__} {_version(value.__name__)}".encode())
        elif isinstance(value, types.FunctionType):
            self._function(value)
        elif isinstance(value, types.CodeType):
            self._code(value)
        elif isinstance(value, types.MethodType):
            self.put("method", value.__name__.encode())
            self.visit(value.__self__)
            self.visit(value.__func__)
        elif isinstance(value, (types.BuiltinFunctionType, types.MethodDescriptorType)):
            self.put("builtin", f"{value.__module__}.{value.__qualname__}".encode())
            owner = getattr(value, "__self__", None)
            if owner is not None and not isinstance(owner, types.ModuleType):
                self.visit(owner)
        elif isinstance(value, partial):
            self._sequence("partial", (value.func, value.args, dict(value.keywords)))
        elif isinstance(value, type):
            self._class(value)
        else:
            self._instance(value)

    def _sequence(self, tag: str, values: Any) -> None:
        self.put(tag, str(len(values)).encode())
        for item in values:
            self.visit(item)

    def _mapping(self, tag: str, values: Mapping[Any, Any]) -> None:
        self.put(tag, str(len(values)).encode())
        for key, item in values.items():
            self.visit(key)
            self.visit(item)

    def _function(self, function: types.FunctionType) -> None:
        if _is_installed(function.__module__):
            name = f"{function.__module__}.{function.__qualname__}"
            self.put("installed", f"{name} {_version(function.__module__)}".encode())
            if function.__closure__ is None:
                return
        self.put("function", function.__name__.encode())
        self._code(function.__code__)
        self.visit(function.__defaults__)
        self.visit(function.__kwdefaults__)
        for cell in function.__closure__ or ():
            try:
                self.visit(cell.cell_contents)
            except ValueError:  # not filled yet
                self.put("empty cell")
        for name in sorted(_names(function.__code__)):
            if name in function.__globals__:
                self.put("global", name.encode())
                self.visit(function.__globals__[name])

    def _code(self, code: types.CodeType) -> None:
        self.put("code", code.co_code)
        self._sequence("names", code.co_names + code.co_varnames + code.co_freevars)
        self.put("flags", f"{code.co_argcount} {code.co_kwonlyargcount} {code.co_flags}".encode())
        self._sequence("consts", code.co_consts)

    def _class(self, cls: type) -> None:
        self.put("class", f"{cls.__module__}.{cls.__qualname__}".encode())
        if cls.__module__ == "builtins" or _is_installed(cls.__module__):
            self.put("version", _version(cls.__module__).encode())
            return
        self._sequence("bases", cls.__bases__)
        for name, member in sorted(vars(cls).items()):
            if name not in _NOT_CONTENT:
                self.put("member", name.encode())
                self.visit(member)

    def _instance(self, value: Any) -> None:
        kind = type(value)
        home = kind.__module__.partition(".")[0]
        self.put("instance", f"{kind.__module__}.{kind.__qualname__}".encode())
        content = getattr(value, "__crucible_content__", None)
        if content is not None:
            self.visit(content())
        elif isinstance(value, (property, classmethod, staticmethod)):
            inner = value.fget if isinstance(value, property) else value.__func__
            self.visit(inner)
        elif isinstance(value, Path):
            self.put("path", str(value).encode())
        elif home == "re" and hasattr(value, "pattern"):
            self._sequence("pattern", (value.pattern, value.flags))
        elif home == "numpy":
            self._array(value)
        elif home == "torch" and hasattr(value, "detach"):
            self._array(value.detach().cpu().numpy())
        elif home == "polars" and hasattr(value, "meta"):
            self.put("expression", value.meta.serialize(format="json").encode())
        elif home in {"polars", "pyarrow"} and hasattr(value, "schema"):
            self._table(value)
        else:
            self._reduced(value)

    def _array(self, array: Any) -> None:
        import numpy as np

        if not isinstance(array, (np.ndarray, np.generic)):
            self._reduced(array)
        elif array.dtype == object:
            self._sequence("objects", (array.shape, array.tolist()))
        else:
            self._sequence("array", (array.dtype.str, array.shape))
            self.put("data", np.ascontiguousarray(array).tobytes())

    def _table(self, table: Any) -> None:
        from crucible_datasets.table.memory import MemorySource

        arrow = table.to_arrow() if hasattr(table, "to_arrow") else table
        self.put("table", MemorySource.from_table(arrow).key().encode())

    def _reduced(self, value: Any) -> None:
        """What pickling would keep of the object, without pickling it."""
        kind = type(value).__qualname__
        try:
            reduced = value.__reduce_ex__(4)
        except Exception as error:  # any class may refuse in its own way
            raise UnhashableObject(kind, type(value).__module__) from error
        if isinstance(reduced, str):
            self.put("name", reduced.encode())
            return
        if reduced[0] is object.__reduce_ex__ or not isinstance(reduced, tuple):
            raise UnhashableObject(kind, type(value).__module__)
        make, arguments, *rest = reduced
        self.visit(make)
        self.visit(arguments)
        for part in rest:
            self.visit(list(part) if hasattr(part, "__next__") else part)


_NOT_CONTENT = {
    "__dict__",
    "__weakref__",
    "__doc__",
    "__module__",
    "__qualname__",
    "__firstlineno__",
    "__static_attributes__",
    "__abstractmethods__",
    "_abc_impl",
    "__annotations__",
}


def _names(code: types.CodeType) -> set[str]:
    """The globals that code, and the code within it, may name."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


def _is_installed(module: str | None) -> bool:
    """Whether a module is part of Python or of an installed package: its version tells its code."""
    if not module or module == "__main__":
        return False
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == "builtins":
        return True
    path = getattr(sys.modules.get(top), "__file__", None)
    return path is not None and path.startswith(_PACKAGES)


_PACKAGES = tuple({sysconfig.get_paths()[name] for name in ("purelib", "platlib", "stdlib")})


def _version(module: str | None) -> str:
    top = (module or "").partition(".")[0]
    if top in sys.stdlib_module_names or top == "builtins":
        return f"{sys.version_info.major}.{sys.version_info.minor}"
    known = getattr(sys.modules.get(top), "__version__", None)
    if isinstance(known, str):
        return known
    try:
        return importlib.metadata.version(top)
    except importlib.metadata.PackageNotFoundError:
        return ""


def check_name(name: str) -> None:
    """Refuse a fingerprint that is no good name for a file.

    Raises:
        ValueError: it is no string of 1 to 64 characters, or has some that paths are made of.
    """
    if not 0 < len(name) <= 64 or set(name) & set(r"<>:/\|?*"):
        raise ValueError(
            f"a fingerprint names files: 1 to 64 characters, none of < > : / \\ | ? *, not {name!r}"
        )


def enable_caching() -> None:
    """Keep the results of ``map`` and ``filter`` over files for the next process; the default."""
    _set_caching(True)


def disable_caching() -> None:
    """Keep no results of ``map`` and ``filter``, and look for none."""
    _set_caching(False)


def is_caching_enabled() -> bool:
    """Whether results of ``map`` and ``filter`` over files are kept."""
    from crucible_datasets import settings

    return settings.current().caching


def _set_caching(wanted: bool) -> None:
    from crucible_datasets import settings

    settings.use(replace(settings.current(), caching=wanted))
