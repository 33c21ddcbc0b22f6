"""Values of the model as plain ones and back, exactly as they are.

pydantic derives both ways from the dataclasses. Knows no format and no place: ``bot.store`` keeps
such values, ``bot.apart`` sends them to another process.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

from bot import model

if TYPE_CHECKING:
    from typing import Any

_T = TypeVar("_T")


def adapter_of(kind: type[_T], *named: type) -> TypeAdapter[_T]:
    """Return what turns values of a type into plain ones and back.

    Annotations name types that their modules import for type checkers alone, so pydantic is told
    every name of the model.

    Args:
        kind: A dataclass of the model or over it, or a tuple of such.
        named: Further types that annotations in it name.
    """
    names: dict[str, Any] = {"Mapping": Mapping, "datetime": datetime}
    for module in pkgutil.iter_modules(model.__path__, f"{model.__name__}."):
        names |= vars(import_module(module.name))
    adapter = TypeAdapter(kind)
    adapter.rebuild(_types_namespace=names | {each.__name__: each for each in named})
    return adapter
