"""Blocklists as an edge: which are asked, with which keys, and which have dropped out.

Judging is ``bot.posture.blocklist``'s. Here are the keys, which stand in front of a zone and must
appear nowhere else; the memory, so that no list is asked twice about an address within its TTL; and
the watch over the lists themselves: one that is dead, parked or refuses us is asked nothing for an
hour, and the log says so once. Strangers' lists are asked about public addresses alone: of a
private one they know nothing, and it is not for them to learn of.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bot.model.report import Listing, ListingStatus
from bot.network.address_filter import forbidden_class
from bot.network.answer_cache import AnswerCache
from bot.posture import blocklist as rules
from bot.posture.blocklist import Trust

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from bot.model.question import Answer, Question
    from bot.posture.blocklist import Blocklist

OUT_S = 3600.0
_LOG = logging.getLogger(__name__)


def open_blocklists(
    setting: str,
    ask: Callable[[Question], Awaitable[Answer]],
    *,
    clock: Callable[[], float],
    keys: Mapping[str, str],
) -> Blocklists | None:
    """Return the lists that a setting names; None where none is asked.

    Args:
        setting: ``default``, ``off``, or the path of a file in the form of ``blocklists.toml``.
        ask: the resolver.
        clock: seconds that never run backwards.
        keys: by the name of the setting, such as ``spamhaus_dqs``.

    Raises:
        ValueError: the file cannot be read; the message says why.
    """
    if setting == "off":
        return None
    if setting == "default":
        return Blocklists(rules.BUILT_IN, ask, clock=clock, keys=keys, public_only=True)
    try:
        lists = rules.parse_blocklists(Path(setting).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise ValueError(f"{setting}: {fault}") from fault
    return Blocklists(lists, ask, clock=clock, keys=keys)


class Blocklists:
    """The lists of one operator, for all checks of a process."""

    def __init__(
        self,
        lists: Iterable[Blocklist],
        ask: Callable[[Question], Awaitable[Answer]],
        *,
        clock: Callable[[], float],
        keys: Mapping[str, str],
        public_only: bool = False,
    ) -> None:
        """Take the lists that the keys at hand allow.

        Args:
            lists: all that could be asked.
            ask: the resolver.
            clock: seconds that never run backwards.
            keys: by the name of the setting, such as ``spamhaus_dqs``.
            public_only: whether no list is to hear of an address that is not a public one, exempt
                from the address filter or not.
        """
        self._public_only = public_only
        self._keys = keys
        self._clock = clock
        self._ask = AnswerCache(ask, clock).ask
        self._lists = rules.choose(lists, self._keys)
        self._out: dict[str, tuple[float, Trust, str]] = {}

    async def listings(self, ip: str) -> tuple[Listing, ...]:
        """Ask every list that has addresses of this family, side by side."""
        if self._public_only and ip not in rules.MUST_LIST.values() and forbidden_class(ip):
            return ()
        version = ipaddress.ip_address(ip).version
        asked = [one for one in self._lists if version in one.versions]
        return tuple(await asyncio.gather(*(self._listing(one, ip) for one in asked)))

    async def _listing(self, one: Blocklist, ip: str) -> Listing:
        until, _, why = self._out.get(one.zone, (0.0, Trust.PASSED, ""))
        if self._clock() < until:
            return Listing(one.shown, ListingStatus.UNKNOWN, (), why)
        key = self._keys.get(one.key, "")
        questions = (*rules.trial(one, key), rules.question(one, ip, key))
        listed, free, answer = await asyncio.gather(*map(self._ask, questions))
        trust, why = rules.judge_trial(listed, free)
        self._watch(one, trust, why)
        return rules.judge(one, answer, trust, why)

    def _watch(self, one: Blocklist, trust: Trust, why: str) -> None:
        """Leave a list out for a while that cannot be believed, and take it back when it can.

        A test that got no answer is no verdict on the list: it is repeated with the next address.
        """
        _, before, _ = self._out.get(one.zone, (0.0, Trust.PASSED, ""))
        if trust is Trust.PASSED:
            if self._out.pop(one.zone, None):
                _LOG.warning("blocklist %s is asked again", one.shown)
        elif trust is not Trust.UNKNOWN:
            self._out[one.zone] = self._clock() + OUT_S, trust, why
            if trust is not before:
                _LOG.warning("blocklist %s is left out: %s", one.shown, why)
