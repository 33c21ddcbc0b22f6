"""How to close what is open: remedies for each mail server, from remedies.toml.

A remedy is chosen by what server it seems to be and by which attempt got through, since each has
its own cause: an own-domain sender a sender map, IPv6 alone a listener with other networks. The
file is read and checked once, at import. Nothing foreign gets into a remedy.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, TypeAlias

from bot.model.report import Outcome
from bot.model.verdict import Reason, Verdict
from bot.render.evidence import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.model.report import MxReport, Report
    from bot.render.evidence import Place

THROUGH = frozenset(
    {"foreign", "null", "own_domain", "sender_form", "routed", "ipv6_only", "submission_only"}
)
EVERY_OTHER = "*"  # servers without an entry of their own
ANY = "any"
Span: TypeAlias = tuple[str, bool]  # words, and whether they are to be typed as they stand
_ASKS_FOR_REPAIR = (Reason.MAIL_SINK, Reason.POSSIBLE_BYPASS)
_SUBMISSION_PORTS = (465, 587)


class RemedyError(ValueError):
    """remedies.toml has an entry that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One way to close one kind of server; the texts are ours, ready to show.

    ``told`` are the steps, and ``looked_at`` what to look at after, with their commands apart.
    """

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
    told: tuple[tuple[Span, ...], ...]
    looked_at: tuple[Span, ...]
    before: str = ""
    last: bool = False


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
                "steps": tuple(map(_plain, entry["steps"])),
                "after": _plain(entry["after"]),
                "told": tuple(map(_spans, entry["steps"])),
                "looked_at": _spans(entry["after"]),
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


def _plain(text: str) -> str:
    return text.replace("`", "")


def _spans(text: str) -> tuple[Span, ...]:
    """Split a text at its backticks: every second piece is to be typed."""
    pieces = enumerate(text.split("`"))
    return tuple((piece, bool(number % 2)) for number, piece in pieces if piece)


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
    """Yield what may have opened an endpoint, the likeliest first."""
    mta = place.endpoint.mta
    product, version = (mta.product, mta.version) if mta else ("", None)
    own = [r for r in REMEDIES if product in r.products and _fits(r, version)]
    named = own or [r for r in REMEDIES if EVERY_OTHER in r.products]
    is_sink = place.judgement.reason is Reason.MAIL_SINK
    general = [r for r in REMEDIES if ANY in r.products and not is_sink]
    conditions = frozenset(_conditions(mx, place))
    particular = [r for r in (*named, *general) if r.through & conditions]
    yield from (r for r in particular if not r.last)
    yield from (r for r in named if not r.through)
    yield from (r for r in particular if r.last)


def _fits(remedy: Remedy, version: str | None) -> bool:
    """Whether a remedy for old versions is for this one; an unknown version is a new one."""
    numbers = _numbers(version or "")
    return not remedy.before or bool(numbers and numbers < _numbers(remedy.before))


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with; none where it begins with anything else."""
    found = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9})*", version)
    return tuple(map(int, found.group().split("."))) if found else ()


def _conditions(mx: MxReport, place: Place) -> Iterator[str]:
    """Yield which attempts got through, and what is peculiar to where they did."""
    accepted = [a for a in place.endpoint.attempts if a.outcome is Outcome.ACCEPTED]
    kinds = {attempt.kind for attempt in accepted}
    if "foreign" in kinds:
        yield "foreign"
    else:
        yield from kinds & {"null", "own_domain"}
        if any(kind.startswith("variant:sender") for kind in kinds):
            yield "sender_form"
        if any(_is_routed(attempt.forward_path) for attempt in accepted):
            yield "routed"
    closed = [p for p in places(mx) if p.judgement.verdict is Verdict.CLOSED]
    if _is_v6(place) and any(not _is_v6(p) for p in closed):
        yield "ipv6_only"
    if place.endpoint.port in _SUBMISSION_PORTS and any(p.endpoint.port == 25 for p in closed):
        yield "submission_only"


def _is_routed(path: str) -> bool:
    """Whether a forward-path carries a route: source route, percent hack, bang path, quotes."""
    local_part = path.rpartition("@")[0] or path
    return any(mark in local_part for mark in '@%!"')


def _is_v6(place: Place) -> bool:
    return ":" in place.address.ip


REMEDIES = load((resources.files(__package__) / "remedies.toml").read_text("utf-8"))
