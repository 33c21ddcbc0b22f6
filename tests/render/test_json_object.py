"""JSON of somebody else's, read key by key."""

from __future__ import annotations

import pytest

from bot.model.report import Fcrdns
from bot.render.json_object import ReportError, read_object

OBJECT = read_object(
    {"text": "x", "number": 3, "flag": True, "null": None, "texts": ["a"], "inner": {"y": "z"},
     "list": [{}], "word": "pass"},
    "",
)  # fmt: skip


def test_values_by_kind() -> None:
    """Each kind of value is read as what it is."""
    assert ("x", 3, True) == (OBJECT.text("text"), OBJECT.number("number"), OBJECT.flag("flag"))
    assert (("a",), "z") == (OBJECT.texts("texts"), OBJECT.inner("inner").text("y"))
    assert Fcrdns.PASS is OBJECT.word("word", Fcrdns)


def test_what_is_not_there() -> None:
    """What may be missing has its default, null or an empty list."""
    assert ("d", 0, False) == (
        OBJECT.text("no", "d"),
        OBJECT.number("no", 0),
        OBJECT.flag("no", default=False),
    )
    assert (None, None, None) == (
        OBJECT.maybe("null", str),
        OBJECT.maybe_inner("no"),
        OBJECT.word("null", Fcrdns),
    )
    assert ((), ()) == (OBJECT.texts("no"), OBJECT.objects("no"))


def test_what_may_be_there_is_checked_too() -> None:
    """A value that may be missing has its kind all the same."""
    assert "x" == OBJECT.maybe("text", str)
    with pytest.raises(ReportError, match="number: missing, or not a str"):
        OBJECT.maybe("number", str)


def test_places() -> None:
    """A fault within is named by its whole way."""
    with pytest.raises(ReportError, match=r"inner\.y: missing, or not a int"):
        OBJECT.inner("inner").number("y")
    with pytest.raises(ReportError, match=r"list\[0\]\.x: missing"):
        OBJECT.objects("list")[0].text("x")
    with pytest.raises(ReportError, match="text: not an object"):
        OBJECT.maybe_inner("text")
    with pytest.raises(ReportError, match="text: not a list"):
        OBJECT.texts("text")
    with pytest.raises(ReportError, match="list: not a list of texts"):
        OBJECT.texts("list")
    with pytest.raises(ReportError, match="text: no Fcrdns is called 'x'"):
        OBJECT.named("text", Fcrdns)
