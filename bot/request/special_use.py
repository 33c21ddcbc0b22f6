"""Names that are special or internal: no mail from the Internet goes to them (RFC 6761 §5).

Which they are stands in ``special_use.toml``, with the RFC of each. The module knows names only,
nothing of who asks or why.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class SpecialUse:
    """A reserved name, what it is for (a clause after "is"), and where that is written."""

    name: str
    purpose: str
    reference: str


def _load() -> dict[str, SpecialUse]:
    text = resources.files(__package__).joinpath("special_use.toml").read_text("utf-8")
    return {entry["name"]: SpecialUse(**entry) for entry in tomllib.loads(text)["special"]}


SPECIAL_USE = _load()


def find_special_use(name: str, allowed_suffixes: tuple[str, ...] = ()) -> SpecialUse | None:
    """Return the reservation that a name falls under, or None for a name like any other.

    Args:
        name: A domain name in A-labels, lower case, without the final dot.
        allowed_suffixes: Names that an operator uses as if they were public, and all below them.
    """
    suffixes = _suffixes(name)
    if not suffixes.isdisjoint(allowed_suffixes):
        return None
    found = [SPECIAL_USE[suffix] for suffix in suffixes if suffix in SPECIAL_USE]
    return max(found, key=lambda special: len(special.name), default=None)


def _suffixes(name: str) -> frozenset[str]:
    labels = name.split(".")
    return frozenset(".".join(labels[start:]) for start in range(len(labels)))
