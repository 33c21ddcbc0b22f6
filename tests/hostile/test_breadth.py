"""How much is tried: the tables here and in the neighbourhood hold what SECURITY.md promises."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import pytest

from tests.hostile import answers, behaviours, inputs
from tests.hostile.test_canaries import ADDRESSES, NAMES
from tests.network.test_address_filter import CONTACTED, REFUSED
from tests.slack import test_faults

if TYPE_CHECKING:
    from types import ModuleType


def cases(module: ModuleType) -> set[str]:
    """Return the tests of a module, each as often as it is parametrized."""
    found: set[str] = set()
    for name, test in vars(module).items():
        if name.startswith("test_"):
            marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
            count = prod(len(mark.args[1]) for mark in marks)
            found |= {f"{name} {number}" for number in range(count)}
    return found


@pytest.mark.parametrize(
    ("what", "held", "promised"),
    [
        ("addresses", {*REFUSED, *CONTACTED}, 100),
        ("addresses and names with canaries", {*ADDRESSES, *NAMES}, 50),
        ("inputs", set(inputs.INPUTS.values()), 300),
        ("server behaviours", set(behaviours.BEHAVIOURS), 50),
        ("DNS behaviours", {*answers.UNKNOWN, *answers.KNOWN}, 30),
        ("faults of Slack's", cases(test_faults), 30),
    ],
)
def test_the_tables_are_as_broad_as_promised(what: str, held: set[str], promised: int) -> None:
    """Each entry counts once."""
    assert len(held) >= promised, what
