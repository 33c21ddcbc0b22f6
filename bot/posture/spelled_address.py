"""Whether a host name spells an address, as the names of whole ranges do.

Decimal and hexadecimal, forwards, backwards and mixed, padded with zeros or not, whole or in two
octets, IPv6 in full or short, the hardware address of a modem. Pure; names only, no classes.
"""

from __future__ import annotations

import ipaddress
import re
from enum import IntEnum
from itertools import pairwise

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|0?\d?\d)"
# Four numbers up to 255 with one separator between each: 203-0-113-7, 7.113.0.203, 203x0x113x7.
_FOUR = re.compile(rf"(?<!\d){_OCTET}(?:[-._x]{_OCTET}){{3}}(?!\d)")
# Two and two, or one and three, with a word between: host25-99-dynamic.20-79, 118.red-80-35-201.
_SPLIT = re.compile(
    rf"(?<!\d){_OCTET}[-._]{_OCTET}[-._a-z]+{_OCTET}[-._]{_OCTET}(?!\d)"
    rf"|(?<!\d){_OCTET}[-._][a-z]+-?{_OCTET}[-._]{_OCTET}[-._]{_OCTET}(?!\d)"
)
_THREE = re.compile(rf"(?<!\d)(?<!\d[-.]){_OCTET}(?:[-.]{_OCTET}){{2}}(?![-.]?\d)")
_TWELVE = re.compile(r"(?<!\d)((?:[01]\d\d|2[0-4]\d|25[0-5]){4})(?!\d)")
# One letter may stand before eight digits: pd9e4f89f. Words of the letters a to f are no numbers.
_HEX = re.compile(r"(?:^|[-._])(?:0x|[a-z]{1,5}-?|[a-z])??([0-9a-f]{8})(?=[-._]|$)")
_HARDWARE = re.compile(r"(?<![0-9a-f])(?:s01)?(?=(?:[a-f]*\d){4})[0-9a-f]{12,14}(?![0-9a-f])")
_SIX = re.compile(r"(?<![0-9a-z])2[0-9a-f]{3}(?:-[0-9a-f]{0,4}){3,7}(?![0-9a-z])|[0-9a-f]{32}")
_PAIR = re.compile(r"(?<!\d)(?=(\d{1,3})[-._x]+(\d{1,3})(?!\d))")
_NUMBER = re.compile(r"\d+")


class Spelling(IntEnum):
    """How much of an address a name spells; more is greater."""

    NOTHING = 0
    PART = 1
    WHOLE = 2


def spelling(host: str, ip: str | None) -> Spelling:
    """Say how much of an address a name spells.

    Args:
        host: the labels that stand before the registrable domain, lower case.
        ip: the address whose name it is; any number that looks like an address counts as well.
    """
    if _looks_whole(host):
        return Spelling.WHOLE
    if ip is not None and (address := ipaddress.ip_address(ip)).version == 4:
        found = _of_octets(host, list(address.packed))
        if found:
            return found
        if any(int(text, 16) in _words(address) for text in _HEX.findall(host)):
            return Spelling.WHOLE
    return Spelling.PART if _THREE.search(host) else Spelling.NOTHING


def _looks_whole(host: str) -> bool:
    """Whether the name spells some address, whichever."""
    patterns = (_FOUR, _SPLIT, _TWELVE, _HARDWARE, _SIX)
    return any(pattern.search(host) for pattern in patterns) or any(
        sum(character.isdigit() for character in text) > 1 and not text.isdigit()
        for text in _HEX.findall(host)
    )


def _of_octets(host: str, octets: list[int]) -> Spelling:
    """Look for the octets among the numbers of the name, in whatever order and company."""
    numbers = [int(text) for text in _NUMBER.findall(host) if len(text) <= 3]
    for start in range(len(numbers) - 3):
        if sorted(numbers[start : start + 4]) == sorted(octets):
            return Spelling.WHOLE
    pairs = {frozenset(pair) for pair in pairwise(octets)}
    beside = [frozenset(map(int, found.groups())) for found in _PAIR.finditer(host)]
    return Spelling.PART if any(pair in pairs for pair in beside) else Spelling.NOTHING


def _words(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> set[int]:
    """Return the address as one number, and its octets reversed as one."""
    return {int(address), int.from_bytes(address.packed[::-1])}
