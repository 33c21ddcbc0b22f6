"""Reads ``setups.toml``: the ways in which the tests' mail servers are opened and closed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).with_name("setups.toml")
_FACTS = ("shows", "reference", "relays", "delivers", "expects", "only", "variants")


@dataclass(frozen=True, slots=True)
class Setup:
    """One configuration of one product.

    ``relays`` holds the attempts that are accepted at RCPT for an outside recipient, in the words
    of the contract (``foreign``, ``null``, ``own_domain``); ``delivers`` is false where what was
    accepted there is refused or thrown away later. ``only`` names who sees it where that is not
    everybody: ``strangers``, ``ipv6``, ``submission``. ``expects`` is the verdict of a check, which
    asks the other address forms too where ``variants`` says so.
    ``config`` maps a place in the product's configuration to the text that stands there,
    ``{domain}``, ``{host}`` and ``{neighbours}`` still to be filled in.
    """

    product: str
    name: str
    shows: str
    reference: str
    relays: frozenset[str]
    expects: str
    delivers: bool
    only: str
    variants: bool
    config: Mapping[str, str]

    @property
    def is_plain(self) -> bool:
        """Whether a plain question at port 25 over IPv4 shows what it is."""
        return not self.only and not self.variants

    @property
    def is_open(self) -> bool:
        """Whether there is something to close."""
        return not self.expects.startswith("closed/") and bool(self.relays or self.variants)

    def part(self, place: str, names: Mapping[str, str], *, default: str = "") -> str:
        """Return the text for one place of the configuration, names in braces filled in."""
        text = self.config.get(place, default)
        for name, value in names.items():
            text = text.replace(f"{{{name}}}", value)
        return text


@cache
def setups() -> Mapping[tuple[str, str], Setup]:
    """Return every setup by product and name, in the file's order."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        (product, name): Setup(
            product=product,
            name=name,
            shows=entry["shows"],
            reference=entry["reference"],
            relays=frozenset(entry["relays"]),
            expects=entry["expects"],
            delivers=entry.get("delivers", True),
            only=entry.get("only", ""),
            variants=entry.get("variants", False),
            config={place: text for place, text in entry.items() if place not in _FACTS},
        )
        for product, named in tables.items()
        for name, entry in named.items()
    }
