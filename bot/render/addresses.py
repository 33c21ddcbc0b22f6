"""How the addresses of an MX host present themselves: reverse DNS, server, blocklists.

One address reads best as two columns of fields; several as a list, the worst first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.report import ListingStatus
from bot.render import blocks
from bot.render.catalogue import CATALOGUE
from bot.render.evidence import places
from bot.render.inert import escape, inert, mrkdwn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.model.report import AddressReport, MxReport
    from bot.render.blocks import Block, Element

NAME_SHOWN = 80
_ADDRESSES = 10


def posture(mx: MxReport) -> Iterator[Block]:
    """Yield the block that shows a host's addresses; none where it has none."""
    if not mx.addresses:
        return
    if len(mx.addresses) == 1:
        yield blocks.fields(_address_fields(mx, mx.addresses[0]))
        return
    ranked = sorted(mx.addresses, key=lambda a: a.judgement.rank if a.judgement else (9, 9))
    lines = [_address_line(mx, address) for address in ranked[:_ADDRESSES]]
    if more := len(ranked) - len(lines):
        lines.append([blocks.words(f"{more} more addresses: in the exported report")])
    yield blocks.rich_text(blocks.paragraph(blocks.strong("Its addresses")), blocks.bullets(lines))


def _address_fields(mx: MxReport, address: AddressReport) -> Iterator[str]:
    yield f"*Address*\n{mrkdwn(inert(address.ip, NAME_SHOWN))}"
    yield f"*PTR*\n{mrkdwn(_ptr(address))}"
    if address.fcrdns is not None:
        yield f"*Forward look-up*\n{escape(CATALOGUE.fcrdns[address.fcrdns])}"
    if address.hostname_class is not None:
        yield f"*The name looks like*\n{escape(CATALOGUE.hostname_classes[address.hostname_class])}"
    if server := _server(mx, address):
        yield f"*Server*\n{mrkdwn(server)}"
    if address.listings:
        yield f"*Blocklists*\n{mrkdwn(_listings(address))}"


def _address_line(mx: MxReport, address: AddressReport) -> list[Element]:
    judgement = address.judgement
    word = CATALOGUE.verdicts[judgement.verdict].word if judgement else "ASKING"
    told = [f"PTR {_ptr(address)}"]
    if address.fcrdns is not None and address.ptr:
        told.append(CATALOGUE.fcrdns[address.fcrdns])
    told += filter(None, (_server(mx, address), _listings(address)))
    return [
        blocks.strong(word),
        blocks.words(f" {inert(address.ip, NAME_SHOWN)}: {', '.join(told)}"),
    ]


def _ptr(address: AddressReport) -> str:
    if not address.ptr:
        return "none" if address.fcrdns is not None else "being looked up"
    more = f" and {len(address.ptr) - 1} more" if len(address.ptr) > 1 else ""
    return inert(address.ptr[0], NAME_SHOWN) + more


def _server(mx: MxReport, address: AddressReport) -> str:
    found = [p for p in places(mx) if p.address == address and p.endpoint.mta]
    if not found or found[0].endpoint.mta is None:
        return ""
    mta = found[0].endpoint.mta
    version = f" {inert(mta.version, 20)}" if mta.version else ""
    return f"{inert(mta.product, 40)}{version} (by {inert(mta.confidence, 20)})"


def _listings(address: AddressReport) -> str:
    if not address.listings:
        return ""
    told = []
    for status in ListingStatus:
        names = [inert(item.list, 60) for item in address.listings if item.status is status]
        if names and status is ListingStatus.LISTED:
            told.append(f"listed on {', '.join(names[:4])}")
        elif names:
            told.append(f"{status.value} on {len(names)}")
    return ", ".join(told)
