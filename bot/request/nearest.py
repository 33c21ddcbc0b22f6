"""What somebody meant to type: the known word that a slip is nearest to.

difflib's measure stands in the standard library and finds what fingers do to words of this length:
a letter swapped, dropped, doubled or hit beside.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Of 1: "halp" is 0.75 from "help", "hello" 0.67.
_NEAR = 0.7


def nearest(typed: str, known: Iterable[str], *, near: float = _NEAR) -> str | None:
    """Return the known word that was meant, or None where none is near.

    Args:
        typed: One word, in any case; dashes in front of it do not count.
        known: Words or options, as they are to be returned.
        near: How alike they have to be, from 0 to 1.
    """
    names = {name.lstrip("-"): name for name in known}
    found = difflib.get_close_matches(typed.lstrip("-").lower(), names, n=1, cutoff=near)
    return names[found[0]] if found else None
