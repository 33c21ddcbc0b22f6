"""JSON that somebody else wrote, read key by key: every value checked, every fault placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

_Value = TypeVar("_Value", str, int, bool)
_Word = TypeVar("_Word", bound="StrEnum")


class ReportError(ValueError):
    """The document is no report of this version; the message says where it differs."""


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object and where it stands; each method reads one key, or says what is wrong there."""

    data: Mapping[str, object]
    at: str

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        return self._value(key, str, default)

    def number(self, key: str, default: int | None = None) -> int:
        """Return a whole number; without a default it must be there."""
        return self._value(key, int, default)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Return true or false; without a default it must be there."""
        return self._value(key, bool, default)

    def maybe(self, key: str, kind: type[_Value]) -> _Value | None:
        """Return a value of a kind, or None for null or nothing."""
        return None if self.data.get(key) is None else self._value(key, kind, None)

    def word(self, key: str, kind: type[_Word]) -> _Word | None:
        """Return a member of an enumeration, or None for null or nothing."""
        return None if self.data.get(key) is None else self.named(key, kind)

    def named(self, key: str, kind: type[_Word]) -> _Word:
        """Return a member of an enumeration; it must be there."""
        text = self.text(key)
        if text not in kind.__members__.values():
            raise ReportError(f"{self.at}{key}: no {kind.__name__} is called {text[:40]!r}")
        return kind(text)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; nothing is an empty list."""
        items = self._list(key)
        if not all(isinstance(item, str) for item in items):
            raise ReportError(f"{self.at}{key}: not a list of texts")
        return tuple(str(item) for item in items)

    def inner(self, key: str) -> Object:
        """Return the object within; it must be there."""
        return read_object(self.data.get(key), f"{self.at}{key}")

    def maybe_inner(self, key: str) -> Object | None:
        """Return the object within, or None for null or nothing."""
        return None if self.data.get(key) is None else self.inner(key)

    def objects(self, key: str) -> tuple[Object, ...]:
        """Return the objects of a list within; nothing is an empty list."""
        return tuple(
            read_object(item, f"{self.at}{key}[{number}]")
            for number, item in enumerate(self._list(key))
        )

    def _list(self, key: str) -> list[object]:
        items = self.data.get(key, [])
        if not isinstance(items, list):
            raise ReportError(f"{self.at}{key}: not a list")
        return items

    def _value(self, key: str, kind: type[_Value], default: _Value | None) -> _Value:
        value = self.data.get(key, default)
        # To JSON true is no number, though to Python it is.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ReportError(f"{self.at}{key}: missing, or not a {kind.__name__}")
        return value


def read_object(value: object, at: str) -> Object:
    """Return a value as an object.

    Args:
        value: What ``json.loads`` made of it.
        at: Where it stands, for the message; "" for the whole document.

    Raises:
        ReportError: It is something else.
    """
    if not isinstance(value, dict):
        raise ReportError(f"{at or 'the document'}: not an object")
    return Object(value, f"{at}." if at else "")
