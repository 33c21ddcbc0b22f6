"""How the addresses of an MX host present themselves: reverse DNS, server, blocklists.

One address reads best as two columns of fields; several as a list, the worst first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model.report import ListingStatus
from bot.render import blocks
from bot.render.catalogue import CATALOGUE
from bot.render.evidence import places
from bot.render.inert import inert, mrkdwn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.model.report import AddressReport, MxReport
    from bot.render.blocks import Block, Element

NAME_SHOWN = 80
_ADDRESSES = 10
_LISTS = 3


def posture(mx: MxReport) -> Iterator[Block]:
    """Yield the block that shows a host's addresses; none where it has none."""
    if not mx.addresses:
        return
    if len(mx.addresses) == 1:
        if facts := [*address_facts(mx, mx.addresses[0])]:
            yield blocks.fields(f"*{mrkdwn(label)}*\n{mrkdwn(value)}" for label, value in facts)
        return
    ranked = sorted(mx.addresses, key=lambda a: a.judgement.rank if a.judgement else (9, 9))
    lines = [_address_line(mx, address) for address in ranked[:_ADDRESSES]]
    if more := len(ranked) - len(lines):
        lines.append([blocks.words(f"{more} more addresses: in the exported report")])
    yield blocks.rich_text(blocks.paragraph(blocks.strong("Its addresses")), blocks.bullets(lines))


def address_facts(mx: MxReport, address: AddressReport) -> Iterator[tuple[str, str]]:
    """Yield what is known of an address as labels and inert values."""
    if address.ip:
        yield inert(address.ip, NAME_SHOWN), f"PTR {_ptr(address)}"
    if address.fcrdns is not None:
        yield "Reverse DNS", _reverse(address)
    if server := _server(mx, address):
        yield "Server", server
    if address.listings:
        yield "Blocklists", _listings(address)


def _address_line(mx: MxReport, address: AddressReport) -> list[Element]:
    judgement = address.judgement
    word = CATALOGUE.verdicts[judgement.verdict].word if judgement else "ASKING"
    told = [f"PTR {_ptr(address)}", _reverse(address) if address.ptr else ""]
    told += (_server(mx, address), _listings(address))
    ip = inert(address.ip, NAME_SHOWN)
    return [blocks.strong(word), blocks.words(f" {ip}: {', '.join(filter(None, told))}")]


def _reverse(address: AddressReport) -> str:
    words = [
        CATALOGUE.fcrdns[address.fcrdns] if address.fcrdns else "",
        CATALOGUE.hostname_classes[address.hostname_class] if address.hostname_class else "",
    ]
    return ", ".join(filter(None, words))


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
    return f"{inert(mta.product, 40)}{version} (by its {inert(mta.confidence, 20)})"


def _listings(address: AddressReport) -> str:
    """Return what the blocklists say, by name where they are few: ``listed: zen.spamhaus.org``."""
    told = []
    for status in ListingStatus:
        names = [inert(item.list, NAME_SHOWN) for item in address.listings if item.status is status]
        if names:
            shown = ", ".join(names[:_LISTS]) if len(names) <= _LISTS else f"{len(names)} lists"
            told.append(f"{status.value}: {shown}")
    return "; ".join(told)
