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
from bot.posture.blocklist import BUILT_IN
from bot.render import blocks
from bot.render.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.model.report import Listing, MxReport
    from bot.render.blocks import Block, Element

_SHOWN = 3
_LISTS = {blocklist.shown: blocklist for blocklist in BUILT_IN}


@dataclass(frozen=True, slots=True)
class Removal:
    """Where to ask a list to forget an address, what it wants to see, and how long it takes."""

    url: str
    evidence: str
    lasts: str


def removal(ip: str, listing: Listing) -> Removal | None:
    """Return the way off a list for an address; None where the list has none that we know."""
    blocklist = _LISTS.get(listing.list)
    if blocklist is None or not blocklist.delisting or not _is_address(ip):
        return None
    return Removal(blocklist.delisting.replace("{ip}", ip), blocklist.evidence, blocklist.lasts)


def listed(mx: MxReport) -> Iterator[tuple[str, Listing]]:
    """Yield each listing of a host's addresses, with the address."""
    for address in mx.addresses:
        for listing in address.listings:
            if listing.status is ListingStatus.LISTED:
                yield address.ip, listing


def delisting(mx: MxReport) -> Iterator[Block]:
    """Yield the block that leads off the lists; none where no list names the host."""
    found = list(listed(mx))
    if not found:
        return
    lines = [list(_line(ip, listing)) for ip, listing in found[:_SHOWN]]
    if more := len(found) - len(lines):
        lines.append([blocks.words(f"{more} more listings are in the exported report.")])
    heading = blocks.paragraph(
        blocks.strong("Off the blocklists"),
        blocks.words(" (once the cause is gone, with this report as evidence)"),
    )
    yield blocks.rich_text(heading, blocks.bullets(lines))


def _line(ip: str, listing: Listing) -> Iterator[Element]:
    codes = ", ".join(inert(code, 20) for code in listing.codes[:3])
    said = " ".join(filter(None, (codes, inert(listing.detail, 100))))
    yield blocks.strong(inert(listing.list, 60))
    yield blocks.words(f" has {inert(ip, 50)} ({said}). ")
    if way := removal(ip, listing):
        yield blocks.words("Removal: ")
        yield blocks.link(way.url, urlsplit(way.url).netloc)
        yield blocks.words(f". {way.evidence} {way.lasts}")


def _is_address(ip: str) -> bool:
    try:
        ipaddress.ip_address(ip)
    except ValueError:
        return False
    return "%" not in ip
