"""Which columns a function of a row reads, as far as its code tells.

``filter`` gives plain dicts, as the peer does, which cannot wait until a value is looked at. But of
``lambda row: row["score"] > 0.5`` it is plain that no other column matters; then no other is read.
"""

from __future__ import annotations

import dis
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_CALL = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
_NO_VARIABLE = {*dis.hasconst, *dis.hasname}
_SEE_VARIABLES = {
    "locals", "vars", "dir", "eval", "exec", "breakpoint", "set_trace", "_getframe", "currentframe",
}  # fmt: skip


def columns_read(function: Any) -> set[str] | None:
    """The columns that ``function`` reads of its first argument; None if that is not plain.

    It is plain if the argument appears nowhere but in ``row["name"]`` with the name written out, so
    that a dict of these columns does as well as one of all. Passed on, looped over, asked with
    ``get`` or ``in``, assigned to or used by an inner function, it may be looked at in any way.

    Args:
        function: what is called with a row.
    """
    if type(function) is not FunctionType:
        return None
    code = function.__code__
    if not code.co_argcount or code.co_flags & _NO_CALL or _SEE_VARIABLES & set(code.co_names):
        return None
    row = code.co_varnames[0]
    instructions = list(dis.get_instructions(code))
    found: set[str] = set()
    for at, instruction in enumerate(instructions):
        if instruction.opcode in _NO_VARIABLE or not _is_about(row, instruction.argval):
            continue
        name = _subscript(instructions[at : at + 3])
        if name is None:
            return None
        found.add(name)
    return found


def _is_about(variable: str, operand: Any) -> bool:
    """Whether an instruction's operand is the variable, or several of which it is one."""
    return operand == variable or (isinstance(operand, tuple) and variable in operand)


def _subscript(instructions: Sequence[dis.Instruction]) -> str | None:
    """``"name"`` if the instructions are ``row["name"]``."""
    if len(instructions) < 3:
        return None
    load, key, subscript = instructions
    plain = (
        load.opname in {"LOAD_FAST", "LOAD_FAST_BORROW"}
        and key.opname == "LOAD_CONST"
        and (subscript.opname == "BINARY_SUBSCR" or subscript.argrepr == "[]")
    )
    return key.argval if plain and isinstance(key.argval, str) else None
