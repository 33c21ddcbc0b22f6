"""Tests of plain values: what is named in annotations alone is found."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.question import QType, Question
from bot.plain import adapter_of


@dataclass(frozen=True, slots=True)
class Inner:
    """Something that an annotation names."""

    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Outer:
    """Something over the model."""

    inner: Inner


def test_a_value_comes_back_equal() -> None:
    """Names of the model are known, others are told."""
    adapter = adapter_of(Outer, Inner)
    value = Outer(Inner((Question("example.com", QType.MX),)))

    plain = adapter.dump_python(value, mode="json")
    assert {"inner": {"questions": [{"qname": "example.com", "qtype": "MX"}]}} == plain
    assert value == adapter.validate_python(plain)
