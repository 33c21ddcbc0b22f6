"""The words for what is withheld, and for rates; the prose is words.toml.

Read once, at import, and refused there where an entry is missing or unknown, or has a placeholder
that nobody fills. What is filled in stays as foreign as it was: it is made inert where it is shown.
"""

from __future__ import annotations

import string
import tomllib
from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Withheld(StrEnum):
    """Why an address was not asked, or (``…_PLAINLY``) not for all that was wanted."""

    OFF = "off"
    OPT_OUT = "opt_out"
    SHARED = "shared"
    SHARED_PLAINLY = "shared_plainly"
    UNVERIFIED = "unverified"
    UNVERIFIED_PLAINLY = "unverified_plainly"
    RATE = "rate"
    PAUSE = "pause"


class Scope(StrEnum):
    """Whose probes are counted together."""

    USER = "user"
    WORKSPACE = "workspace"
    TOTAL = "total"
    ADDRESS = "address"
    NETWORK = "network"
    GLASS = "glass"


class WordsError(ValueError):
    """words.toml lacks an entry, or asks for a value that nobody provides."""


_FILLED: Mapping[Withheld | Scope, frozenset[str]] = {
    Withheld.UNVERIFIED: frozenset({"name"}),
    Withheld.UNVERIFIED_PLAINLY: frozenset({"name"}),
    Withheld.RATE: frozenset({"limit", "again_at"}),
    Withheld.PAUSE: frozenset({"until", "hosts"}),
    **dict.fromkeys(Scope, frozenset({"many"})),
}


def load(text: str) -> Mapping[Withheld | Scope, str]:
    """Read the words.

    Args:
        text: The TOML.

    Raises:
        WordsError: An entry is missing or unknown, or a placeholder is not declared.
    """
    tables = tomllib.loads(text)
    words: dict[Withheld | Scope, str] = {}
    for table, names in (("withheld", Withheld), ("rate", Scope)):
        if wrong := set(tables[table]) ^ {name.value for name in names}:
            raise WordsError(f"[{table}] is missing or unknown: {', '.join(sorted(wrong))}")
        words |= {names(name): sentence for name, sentence in tables[table].items()}
    for name, sentence in words.items():
        asked = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
        if unknown := asked - _FILLED.get(name, frozenset()):
            raise WordsError(f"{name}: nobody provides {', '.join(sorted(unknown))}")
    return words


def withheld(why: Withheld, **values: str) -> str:
    """Return why an address was not asked as wanted, in words."""
    return WORDS[why].format(**values)


def limit(scope: Scope, many: str) -> str:
    """Return a rate in words; ``many`` is ``20 probes per hour``."""
    return WORDS[scope].format(many=many)


WORDS = load((resources.files(__package__) / "words.toml").read_text("utf-8"))
