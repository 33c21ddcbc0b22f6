"""The domains that a message speaks of: in words, mailboxes, links, and code.

Unlike a command's text, a message is not written for us: what is no domain is passed over in
silence, and nothing raises.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.request.domain import parse_domain
from bot.request.typed import MAX_TEXT, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.model.domain_name import DomainName

MOST = 10
_CANDIDATES = 200
# A link of Slack's as a whole, or anything between blanks and brackets that has a dot inside.
_CANDIDATE = re.compile(r"<[^<>|]+\|[^<>|]*>|[^\s<>()\[\]{}\"',;|]+\.[^\s<>()\[\]{}\"',;|]+")


def find_domains(
    texts: Iterable[str], *, allowed_suffixes: tuple[str, ...] = ()
) -> tuple[DomainName, ...]:
    """Return the first ten domains in some texts, each once, in the order of reading.

    Args:
        texts: As Slack delivers them; each is read up to 4,096 characters.
        allowed_suffixes: Special-use names to take like any other.
    """
    found: dict[str, DomainName] = {}
    for candidate in _candidates(texts):
        try:
            domain = parse_domain(candidate, allowed_suffixes=allowed_suffixes)
        except UsageError:
            continue
        found.setdefault(domain.ascii, domain)
        if len(found) == MOST:
            break
    return tuple(found.values())


def _candidates(texts: Iterable[str]) -> Iterator[str]:
    left = _CANDIDATES
    for text in texts:
        for match in _CANDIDATE.finditer(text[:MAX_TEXT]):
            if left == 0:
                return
            left -= 1
            yield match.group()
