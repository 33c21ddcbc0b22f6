"""How to close what is open: remedies for each mail server, from remedies.toml.

A remedy is chosen by what server it seems to be and by which attempt got through, since each has
its own cause: an own-domain sender a sender map, IPv6 alone a listener with other networks. The
file is read and checked once, at import. Nothing foreign gets into a remedy.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from bot.model.report import Outcome
from bot.model.verdict import Reason, Verdict
from bot.render.evidence import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.model.report import MxReport, Report
    from bot.render.evidence import Place

THROUGH = frozenset({"foreign", "null", "own_domain", "variant", "ipv6_only", "submission_only"})
EVERY_OTHER = "*"
_ASKS_FOR_REPAIR = (Reason.MAIL_SINK, Reason.POSSIBLE_BYPASS)
_SUBMISSION_PORTS = (465, 587)


class RemedyError(ValueError):
    """remedies.toml has an entry that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One way to close one kind of server; the texts are ours, ready to show."""

    id: str
    products: tuple[str, ...]
    through: frozenset[str]
    title: str
    cause: str
    config: str
    steps: tuple[str, ...]
    check: str
    after: str
    undo: str
    reference: str


def load(text: str) -> tuple[Remedy, ...]:
    """Read remedies.

    Args:
        text: The TOML.

    Raises:
        RemedyError: Two have the same id, a condition is unknown, a reference is no address, or
            none is left for servers that are not named.
    """
    remedies = tuple(
        Remedy(
            **{
                **entry,
                "products": tuple(entry["products"]),
                "through": frozenset(entry["through"]),
                "steps": tuple(entry["steps"]),
                "config": entry["config"].strip("\n"),
            }
        )
        for entry in tomllib.loads(text)["remedy"]
    )
    if len({remedy.id for remedy in remedies}) != len(remedies):
        raise RemedyError("two remedies have the same id")
    for remedy in remedies:
        if unknown := remedy.through - THROUGH:
            raise RemedyError(f"{remedy.id}: through knows no {', '.join(sorted(unknown))}")
        if not remedy.reference.startswith("https://") or not remedy.steps:
            raise RemedyError(f"{remedy.id}: steps and an https reference are needed")
    if not any(EVERY_OTHER in remedy.products and not remedy.through for remedy in remedies):
        raise RemedyError("a remedy for every other server is needed")
    return remedies


def remedies_for(mx: MxReport) -> tuple[Remedy, ...]:
    """Return the remedies for what is open at a host, the fittest first; none: nothing is open."""
    return tuple(dict.fromkeys(remedy for place in _ailing(mx) for remedy in _for_place(mx, place)))


def remediation(report: Report) -> tuple[tuple[Remedy, tuple[str, ...]], ...]:
    """Return every remedy that a report calls for, each with the MX hosts that it applies to."""
    hosts: dict[Remedy, list[str]] = {}
    for mx in report.mx:
        for remedy in remedies_for(mx):
            hosts.setdefault(remedy, []).append(mx.host)
    return tuple((remedy, tuple(applies_to)) for remedy, applies_to in hosts.items())


def _ailing(mx: MxReport) -> Iterable[Place]:
    return (place for place in places(mx) if _is_ailing(place))


def _is_ailing(place: Place) -> bool:
    return place.judgement.verdict.is_open or place.judgement.reason in _ASKS_FOR_REPAIR


def _for_place(mx: MxReport, place: Place) -> Iterator[Remedy]:
    product = place.endpoint.mta.product if place.endpoint.mta else ""
    named = [remedy for remedy in REMEDIES if product in remedy.products]
    candidates = named or [remedy for remedy in REMEDIES if EVERY_OTHER in remedy.products]
    conditions = frozenset(_conditions(mx, place))
    yield from (remedy for remedy in candidates if remedy.through & conditions)
    yield from (remedy for remedy in candidates if not remedy.through)


def _conditions(mx: MxReport, place: Place) -> Iterator[str]:
    """Yield which attempts got through, and what is peculiar to where they did."""
    accepted = {a.kind for a in place.endpoint.attempts if a.outcome is Outcome.ACCEPTED}
    if "foreign" in accepted:
        yield "foreign"
    else:
        yield from (kind.partition(":")[0] for kind in accepted)
    closed = [p for p in places(mx) if p.judgement.verdict is Verdict.CLOSED]
    if _is_v6(place) and any(not _is_v6(p) for p in closed):
        yield "ipv6_only"
    if place.endpoint.port in _SUBMISSION_PORTS and any(p.endpoint.port == 25 for p in closed):
        yield "submission_only"


def _is_v6(place: Place) -> bool:
    return ":" in place.address.ip


REMEDIES = load((resources.files(__package__) / "remedies.toml").read_text("utf-8"))
