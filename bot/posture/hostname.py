"""What kind of host a PTR name looks like.

Receivers read the names that providers give to whole ranges (``1-2-3-4.dynamic.isp.example``) as
"nobody set this machine up to send mail". The rules are words, encodings of the address, and
providers' domains; they stand in ``hostnames.toml``. Pure; what follows is ``bot.posture.ptr``'s.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from importlib import resources
from typing import NamedTuple

from bot.model.report import Fcrdns, HostnameClass

# What stands between words: separators and digits, so that `dsl2` and `72-x.dsl` both hold `dsl`.
_BREAK = re.compile(r"[^a-z]+")
# Second-level registries of country domains: in `a.b.co.uk` the registrable domain is `b.co.uk`.
_SECOND_LEVEL = frozenset({"ac", "ad", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})


class Classification(NamedTuple):
    """A class and the rule that gave it; the rule's name goes into reports and is shown."""

    hostname_class: HostnameClass
    rule: str


class _Provider(NamedTuple):
    domain: str
    hostname_class: HostnameClass
    pattern: re.Pattern[str]


_RULES = tomllib.loads(
    resources.files("bot.posture").joinpath("hostnames.toml").read_text(encoding="utf-8")
)
_PROVIDERS = tuple(
    _Provider(one["domain"], HostnameClass(one["class"]), re.compile(one.get("pattern", "")))
    for one in _RULES["provider"]
)
_WORDS = {kind: frozenset(words) for kind, words in _RULES["words"].items()}


def classify(name: str, ip: str | None = None, fcrdns: Fcrdns | None = None) -> Classification:
    """Say what kind of host a name looks like.

    Args:
        name: a PTR name, without the final dot.
        ip: the address whose name it is; without it, numbers that look like an address count.
        fcrdns: whether the name was forward-confirmed; None where that is not known. A name that
            is not confirmed can be anything its owner wrote, so it exempts from nothing.

    Returns:
        The class, and the name of the rule.
    """
    name = name.lower().removesuffix(".")
    for provider in _PROVIDERS:
        host = name.removesuffix("." + provider.domain)
        if host != name and provider.pattern.search(host):
            return Classification(provider.hostname_class, f"provider:{provider.domain}")
    host = _host_part(name)
    words = frozenset(_BREAK.split(host))
    encoded = _encodes(host, ip)
    if fcrdns in (None, Fcrdns.PASS) and not encoded and (found := _word("mail", words)):
        return Classification(HostnameClass.MAIL, found)
    if found := _word("static", words):
        return Classification(HostnameClass.STATIC, found)
    if found := _word("dynamic", words):
        return Classification(HostnameClass.DYNAMIC, found)
    if encoded:
        return Classification(HostnameClass.GENERIC, "address-in-name")
    return Classification(HostnameClass.UNKNOWN, "no-rule")


def _word(kind: str, words: frozenset[str]) -> str:
    found = sorted(words & _WORDS[kind])
    return f"word:{found[0]}" if found else ""


def _host_part(name: str) -> str:
    """Return the labels before the registrable domain: what was chosen for the host."""
    labels = name.split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[: -3 if country else -2])


def _encodes(host: str, ip: str | None) -> bool:
    """Whether the host part spells the address (or, where it is not known, any address)."""
    if ip is None:
        return _looks_encoded(host)
    address = ipaddress.ip_address(ip)
    if address.version == 6:
        return address.exploded.replace(":", "") in re.sub(r"[^0-9a-f]", "", host)
    octets = ip.split(".")
    spellings = {
        separator.join(part.zfill(width) for part in order)
        for order in (octets, octets[::-1])
        for separator in ("-", ".", "_", "x", "")
        for width in (1, 3)
        if separator or width == 3  # unpadded and unseparated, 1.23.4.5 and 12.3.4.5 look alike
    }
    spellings.add(f"{int(address):08x}")
    return any(re.search(rf"(?<![0-9a-f]){re.escape(one)}(?![0-9a-f])", host) for one in spellings)


def _looks_encoded(host: str) -> bool:
    numbers = re.search(r"(?<!\d)(\d{1,3})[-._](\d{1,3})[-._](\d{1,3})[-._](\d{1,3})(?!\d)", host)
    return numbers is not None and all(int(number) < 256 for number in numbers.groups())
