"""Which blocklists name a host's addresses, and the way off each of them.

What a list wants to see, and where, is ``bot/posture/blocklists.toml``'s; a list of the operator's
own is named without it. Links lead to addresses from that file alone, with an IP address in them
that was read as one.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.model.report import ListingStatus
from bot.posture.blocklist import BY_NAME
from bot.render import blocks
from bot.render.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.model.report import Listing, MxReport
    from bot.render.blocks import Block, Element

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class WayOff:
    """Where to ask a list to forget an address, what it wants to see, and how long it takes."""

    url: str
    evidence: str
    lasts: str


def way_off(ip: str, listing: Listing) -> WayOff | None:
    """Return the way off a list for an address; None where the list has none that we know."""
    blocklist = BY_NAME.get(listing.list)
    if blocklist is None or not blocklist.delisting or not _is_address(ip):
        return None
    wanted = blocklist.removal(listing.codes)
    return WayOff(blocklist.delisting.replace("{ip}", ip), wanted.evidence, wanted.lasts)


def listed(mx: MxReport) -> Iterator[tuple[str, Listing]]:
    """Yield each listing of a host's addresses, with the address."""
    for address in mx.addresses:
        for listing in address.listings:
            if listing.status is ListingStatus.LISTED:
                yield address.ip, listing


def delisting(mx: MxReport) -> Iterator[Block]:
    """Yield the block that leads off the lists, or says of an open host that none names it yet."""
    found = list(listed(mx))
    if not found:
        yield from _not_yet(mx)
        return
    lines = [list(_line(ip, listing)) for ip, listing in found[:_SHOWN]]
    if more := len(found) - len(lines):
        lines.append([blocks.words(f"{more} more listings are in the exported report.")])
    heading = blocks.paragraph(
        blocks.strong("Off the blocklists"),
        blocks.words(" (once the cause is gone, with this report as evidence)"),
    )
    yield blocks.rich_text(heading, blocks.bullets(lines))


def _not_yet(mx: MxReport) -> Iterator[Block]:
    is_open = mx.judgement is not None and mx.judgement.verdict.is_open
    asked = [listing for address in mx.addresses for listing in address.listings]
    clean = {each.list for each in asked if each.status is ListingStatus.CLEAN}
    if is_open and clean:
        lists = "the one list that answered" if len(clean) == 1 else f"{len(clean)} lists"
        yield blocks.rich_text(
            blocks.paragraph(
                blocks.strong("Not on a blocklist yet"),
                blocks.words(
                    f", by {lists}. Look again a day after it is closed: what already went out may "
                    "still get it listed."
                ),
            )
        )


def _line(ip: str, listing: Listing) -> Iterator[Element]:
    codes = ", ".join(inert(code, 20) for code in listing.codes[:3])
    said = " ".join(filter(None, (codes, inert(listing.detail, 100))))
    yield blocks.strong(inert(listing.list, 60))
    yield blocks.words(f" has {inert(ip, 50)} ({said}). ")
    if way := way_off(ip, listing):
        yield blocks.words("Removal: ")
        yield blocks.link(way.url, urlsplit(way.url).netloc)
        yield blocks.words(f". Wanted: {way.evidence} Lasts: {way.lasts}")


def _is_address(ip: str) -> bool:
    try:
        ipaddress.ip_address(ip)
    except ValueError:
        return False
    return "%" not in ip
