"""What kind of host a PTR name looks like.

Receivers read the names that providers give to whole ranges (``1-2-3-4.dynamic.isp.example``) as
"nobody set this machine up to send mail". The rules are data, ``hostnames.toml`` and
``hosting_domains.toml``; their order is this, and the first that holds decides:

1. A known sender's domain is ``mail``, whatever the name spells.
2. A scheme of a provider's own is what the tables say.
3. The address below a hoster's domain is ``cloud``: the hoster named it, not its tenant.
4. A word for a fixed line is ``static``.
5. A word for an access line is ``dynamic``; a mail word beside it counts more, unless the name
   spells its address as well.
6. A mail word is ``mail``.
7. A word that access lines share with other hosts is ``dynamic`` where the name is numbered.
8. A word for a virtual machine, with the address or a long number, is ``cloud``.
9. A customer's word in a numbered name, the address or a part of it, a bare serial number are
   ``generic``.
10. Nothing says anything: ``unknown``.

Rules 1 and 6 exempt a name from suspicion, so they hold only where the forward look-up does not
refute the name: a name that nothing confirms is what its owner wrote. Pure; what follows from a
class is ``bot.posture.ptr``'s.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any, NamedTuple

from bot.model.report import Fcrdns, HostnameClass
from bot.posture.spelled_address import Spelling, spelling

# What stands between words: separators and digits, so that `dsl2` and `72-x.dsl` both hold `dsl`.
_BREAK = re.compile(r"[^a-z]+")
_NUMBER = re.compile(r"\d+")
# A first label that is a number and next to nothing else: cs181234567, n1164912345.
_SERIAL = re.compile(r"[a-z]{0,4}-?\d{6,}(?:\.|$)")
# Second-level registries of country domains: in `a.b.co.uk` the registrable domain is `b.co.uk`.
_SECOND_LEVEL = frozenset({"ac", "ad", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})


class Classification(NamedTuple):
    """A class and the rule that gave it; the rule's name goes into reports and is shown."""

    hostname_class: HostnameClass
    rule: str


class _Scheme(NamedTuple):
    name: str
    hostname_class: HostnameClass
    pattern: re.Pattern[str]


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("bot.posture").joinpath(name).read_text(encoding="utf-8"))


def _pattern(words: list[str]) -> re.Pattern[str]:
    """Return what matches any of the words; a star is any letters, a question mark one."""
    spelled = (re.escape(word).replace(r"\*", "[a-z]*").replace(r"\?", "[a-z]") for word in words)
    return re.compile("|".join(spelled))


_RULES = _load("hostnames.toml")
_WORDS = {kind: _pattern(words) for kind, words in _RULES["words"].items()}
_SENDERS = frozenset(_RULES["senders"]["domains"])
_HOSTING = frozenset(_load("hosting_domains.toml")["domains"])
_SCHEMES = [
    _Scheme(one["name"], HostnameClass(one["class"]), re.compile(one["pattern"]))
    for one in _RULES["scheme"]
]
_PROVIDERS = [
    _Scheme(one["domain"], HostnameClass(one["class"]), re.compile(one.get("pattern", "")))
    for one in _RULES["provider"]
]


def classify(name: str, ip: str | None = None, fcrdns: Fcrdns | None = None) -> Classification:
    """Say what kind of host a name looks like.

    Args:
        name: a PTR name.
        ip: the address whose name it is; without it, numbers that look like an address count.
        fcrdns: whether the name was forward-confirmed; None where that is not known.

    Returns:
        The class, and the name of the rule.
    """
    name = name.lower().removesuffix(".")
    may_exempt = fcrdns in (None, Fcrdns.PASS)
    domains = _domains(name)
    if may_exempt and (sender := _SENDERS & domains):
        return Classification(HostnameClass.MAIL, f"sender:{min(sender)}")
    for scheme in _SCHEMES:
        if scheme.pattern.search(name):
            return Classification(scheme.hostname_class, f"scheme:{scheme.name}")
    for provider in _PROVIDERS:
        host = name.removesuffix(f".{provider.name}")
        if provider.name in domains and provider.pattern.search(host):
            return Classification(provider.hostname_class, f"provider:{provider.name}")
    host = _host_part(name)
    spelled = spelling(host, ip)
    if spelled is Spelling.WHOLE and (hoster := _HOSTING & domains):
        return Classification(HostnameClass.CLOUD, f"hoster:{min(hoster)}")
    return _by_words(host, spelled, may_exempt=may_exempt)


def _by_words(host: str, spelled: Spelling, *, may_exempt: bool) -> Classification:
    """Judge by what stands before the registrable domain alone: rules 4 to 10."""
    words = [word for word in _BREAK.split(host) if word]
    found = {
        kind: next((word for word in words if pattern.fullmatch(word)), "")
        for kind, pattern in _WORDS.items()
    }
    numbered = spelled is not Spelling.NOTHING or _is_numbered(host)
    has_no_mail = not found["mail"] or spelled is not Spelling.NOTHING
    rules = (
        ("static", True, HostnameClass.STATIC),
        ("access", has_no_mail, HostnameClass.DYNAMIC),
        ("line", spelled is Spelling.WHOLE, HostnameClass.DYNAMIC),
        ("mail", may_exempt, HostnameClass.MAIL),
        ("line", numbered, HostnameClass.DYNAMIC),
        ("machine", spelled is Spelling.WHOLE or _has_long_number(host), HostnameClass.CLOUD),
        ("customer", numbered, HostnameClass.GENERIC),
    )
    for kind, holds, hostname_class in rules:
        if found[kind] and holds:
            return Classification(hostname_class, f"word:{found[kind]}")
    if spelled is not Spelling.NOTHING:
        return Classification(HostnameClass.GENERIC, f"address:{spelled.name.lower()}")
    if _SERIAL.match(host):
        return Classification(HostnameClass.GENERIC, "serial-number")
    return Classification(HostnameClass.UNKNOWN, "no-rule")


def _is_numbered(host: str) -> bool:
    """Whether the name counts lines or customers: two numbers, or one that goes into hundreds."""
    numbers = _NUMBER.findall(host)
    return len(numbers) > 1 or any(len(number) > 2 for number in numbers)


def _has_long_number(host: str) -> bool:
    return any(len(number) > 3 for number in _NUMBER.findall(host))


def _domains(name: str) -> frozenset[str]:
    """Return every domain that the name is below."""
    labels = name.split(".")
    return frozenset(".".join(labels[place:]) for place in range(1, len(labels)))


def _host_part(name: str) -> str:
    """Return the labels before the registrable domain: what was chosen for the host."""
    labels = name.split(".")
    if labels[-1].isdigit():  # no domain at all: an address in the place of a name
        return name
    country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[: -3 if country else -2])
