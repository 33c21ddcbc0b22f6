"""A small language for the shape of JSON: what Slack's validator checks, as composable checks.

A check takes a value and its JSON pointer (RFC 6901) and yields one sentence for each fault, in
the manner of ``response_metadata.messages``. Knows nothing of blocks; their tables stand in
``block_kit`` and its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Check = Callable[[object, str], Iterator[str]]


def problem(message: str, pointer: str) -> str:
    """Return one line as Slack words it in ``response_metadata.messages``."""
    return f"[ERROR] {message} [json-pointer:{pointer}]"


def string(most: int, least: int = 1) -> Check:
    """Check for a string of ``least`` to ``most`` characters."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must be a string", pointer)
        elif len(value) < least:
            yield problem(f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            yield problem(f"must be less than {most + 1} characters", pointer)

    return check


def boolean(value: object, pointer: str) -> Iterator[str]:
    """Check for true or false."""
    if not isinstance(value, bool):
        yield problem("must be a boolean", pointer)


def integer(low: int, high: int) -> Check:
    """Check for a whole number from ``low`` to ``high``, both allowed."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield problem("must be a number", pointer)
        elif not low <= value <= high:
            yield problem(f"must be between {low} and {high}", pointer)

    return check


def anything(_value: object, _pointer: str) -> Iterator[str]:
    """Accept the value: a field that the stand-in keeps and does not look into."""
    return iter(())


def one_of(*allowed: str) -> Check:
    """Check for one of a few words."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if value not in allowed:
            yield problem(f"must be one of: {', '.join(allowed)}", pointer)

    return check


def array(item: Check, most: int, least: int = 1) -> Check:
    """Check for an array of ``least`` to ``most`` items, each of one shape."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must be an array", pointer)
            return
        if len(value) < least:
            yield problem(f"no fewer than {least} items allowed", pointer)
        if len(value) > most:
            yield problem(f"no more than {most} items allowed", pointer)
        for index, each in enumerate(value):
            yield from item(each, f"{pointer}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Check for an object with these fields and no others; ``type`` is left to ``typed``."""
    known = {**required, **(optional or {})}

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
            return
        for name in required:
            if name not in value:
                yield problem(f"missing required field: {name}", pointer)
        for name, each in value.items():
            if name in known:
                yield from known[name](each, f"{pointer}/{name}")
            elif name != "type":
                yield problem(f"unknown field: {name}", pointer)

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """Check for an object whose ``type`` names one of the shapes."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            yield problem("missing required field: type", pointer)
        elif kind not in kinds:
            yield problem(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            yield from kinds[kind](value, pointer)

    return check
