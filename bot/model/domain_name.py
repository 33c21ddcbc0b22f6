"""Domain names, and which of them are host names.

RFC 1034 §3.1 and 1035 §2.3.4 for lengths, RFC 1123 §2.1 for host names, RFC 5890 for A-labels
and U-labels. Unwrapping what a person pasted, and refusing names that no mail goes to, is
``bot.request``'s; this module knows only the names.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import idna

MAX_NAME = 253
MAX_LABEL = 63
# Before anything is mapped or encoded: no name of legal length is longer in any spelling.
_MAX_TYPED = 1024
_LDH_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII | re.IGNORECASE)
_NOT_LDH = re.compile(r"[^a-z0-9-]", re.ASCII)
_NUMERIC_LABEL = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.ASCII | re.IGNORECASE)
_A_LABEL_PREFIX = "xn--"


@dataclass(frozen=True, slots=True)
class DomainName:
    """A domain name in both spellings, lower case, without the final dot.

    ``ascii`` holds A-labels, which DNS and SMTP carry; ``unicode`` U-labels, which people read.
    """

    ascii: str
    unicode: str

    def __str__(self) -> str:
        return self.ascii

    @property
    def shown(self) -> str:
        """What a person is shown: both spellings, where they differ."""
        return self.ascii if self.ascii == self.unicode else f"{self.unicode} ({self.ascii})"


class DomainNameError(ValueError):
    """The text is no domain name; the message is a clause that says why, without a full stop."""


def parse_domain_name(text: str) -> DomainName:
    """Read a domain name in either spelling, in any case, with or without the final dot.

    Characters are mapped by UTS 46 (case, full width, other full stops), and each label that is
    not ASCII must be a U-label of IDNA 2008. An A-label that IDNA 2008 would not make (an emoji
    of the older rules, for one) stands as it is in both spellings: DNS carries it all the same.

    Raises:
        DomainNameError: A label or the name is empty, too long, or holds what no domain of the
            mail world may (RFC 5321 §4.1.2: letters, digits and inner hyphens).
    """
    if len(text) > _MAX_TYPED:
        raise DomainNameError(f"a domain name has at most {MAX_NAME} characters")
    mapped = "".join(_mapped(character) for character in text)
    mapped = unicodedata.normalize("NFC", mapped)
    labels = [_a_label(label) for label in mapped.removesuffix(".").split(".")]
    name = ".".join(labels)
    if len(name) > MAX_NAME:
        raise DomainNameError(
            f"the name has {len(name)} characters, and {MAX_NAME} is the most (RFC 1035 §2.3.4)"
        )
    return DomainName(name, ".".join(_u_label(label) for label in labels))


def _mapped(character: str) -> str:
    """Map one character by UTS 46; one that it would drop unseen (zero width) is refused here."""
    try:
        mapped = idna.uts46_remap(character, std3_rules=False)
    except idna.IDNAError:
        mapped = ""
    if not mapped:
        raise DomainNameError(_why_not_character(character))
    return mapped


def _a_label(label: str) -> str:
    if not label:
        raise DomainNameError("a label is empty: two dots in a row, or a dot at the start")
    is_ascii = label.isascii()
    length = len(label if is_ascii else _A_LABEL_PREFIX.encode() + label.encode("punycode"))
    if length > MAX_LABEL:
        raise DomainNameError(
            f"a label has {length} characters, and {MAX_LABEL} is the most (RFC 1035 §2.3.4)"
        )
    if label.startswith("-") or label.endswith("-"):
        raise DomainNameError("a label begins or ends with a hyphen (RFC 1123 §2.1)")
    if bad := _NOT_LDH.search(label if is_ascii else ""):
        raise DomainNameError(_why_not_character(bad.group()))
    try:
        return label if is_ascii else idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        raise DomainNameError(_why_not_idna(label)) from None


def _u_label(label: str) -> str:
    """Return the U-label, or the label itself where IDNA 2008 would not make it from one."""
    try:
        return idna.ulabel(label) if label.startswith(_A_LABEL_PREFIX) else label
    except idna.IDNAError:
        return label


def _why_not_idna(text: str) -> str:
    """Name the character that IDNA 2008 refuses, or the label where it is none by itself."""
    for character in text:
        try:
            idna.check_label("q" + character)  # a letter that composes with none
        except idna.IDNABidiError:
            continue
        except idna.IDNAError:
            return _why_not_character(character)
    return "a label breaks the rules of internationalised names (IDNA 2008, RFC 5891)"


def _why_not_character(character: str) -> str:
    name = unicodedata.name(character, "a control character")
    return f"U+{ord(character):04X} ({name}) cannot stand in a mail domain"


def is_host_name(name: str) -> bool:
    """Whether a name from DNS may be used as a host name.

    Letters, digits, hyphens and (as real MX hosts have them) underscores only; the last label is
    not a number in any spelling that ``inet_aton`` would read as an address (RFC 1123 §2.1):
    ``127.1``, ``0x7f.1`` and ``2130706433`` are not host names.
    """
    labels = name.removesuffix(".").split(".")
    return (
        0 < len(name.removesuffix(".")) <= MAX_NAME
        and all(_LDH_LABEL.fullmatch(label) for label in labels)
        and not _NUMERIC_LABEL.fullmatch(labels[-1])
    )
