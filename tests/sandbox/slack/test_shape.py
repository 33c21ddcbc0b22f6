"""The language of shapes: each check says what is wrong, where, and nothing when all is well."""

from __future__ import annotations

import pytest

from bot.sandbox.slack import shape

_pair = shape.record({"a": shape.string(3)}, {"b": shape.boolean})
_kinds = shape.typed({"known": shape.record({"n": shape.integer(1, 3)})})


@pytest.mark.parametrize(
    ("check", "value", "said"),
    [
        (shape.string(3), "abc", []),
        (shape.string(3), 3, ["must be a string"]),
        (shape.string(3), "", ["must be more than 0 characters"]),
        (shape.string(3), "abcd", ["must be less than 4 characters"]),
        (shape.boolean, False, []),
        (shape.boolean, 0, ["must be a boolean"]),
        (shape.integer(1, 3), 3, []),
        (shape.integer(1, 3), True, ["must be a number"]),
        (shape.integer(1, 3), 4, ["must be between 1 and 3"]),
        (shape.anything, object(), []),
        (shape.one_of("x", "y"), "y", []),
        (shape.one_of("x", "y"), "z", ["must be one of: x, y"]),
        (shape.array(shape.boolean, 2), [True], []),
        (shape.array(shape.boolean, 2), {}, ["must be an array"]),
        (shape.array(shape.boolean, 2), [], ["no fewer than 1 items allowed"]),
        (shape.array(shape.boolean, 2), [True] * 3, ["no more than 2 items allowed"]),
        (_pair, {"a": "x", "b": True}, []),
        (_pair, [], ["must provide an object"]),
        (_pair, {"b": True}, ["missing required field: a"]),
        (_pair, {"a": "x", "c": 1}, ["unknown field: c"]),
        (_kinds, {"type": "known", "n": 1}, []),
        (_kinds, "known", ["must provide an object"]),
        (_kinds, {"n": 1}, ["missing required field: type"]),
        (_kinds, {"type": "other"}, ["unsupported type: other"]),
    ],
)
def test_check_says_what_is_wrong(check: shape.Check, value: object, said: list[str]) -> None:
    """Every shape refuses what Slack refuses, in one sentence."""
    assert said == [line.split("] ")[1].split(" [")[0] for line in check(value, "/at")]


def test_pointer_leads_to_the_fault() -> None:
    """A fault deep inside is told with its JSON pointer."""
    check = shape.array(_pair, 5)

    assert ["[ERROR] must be a string [json-pointer:/blocks/1/a]"] == list(
        check([{"a": "x"}, {"a": 7}], "/blocks")
    )
