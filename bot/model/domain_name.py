"""Domain names, and which of them are host names.

RFC 1034 §3.1 and 1035 §2.3.4 for lengths, RFC 1123 §2.1 for host names, RFC 5890 for A-labels
and U-labels. Parsing what a person typed is ``bot.request``'s; this module knows only the names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_NAME = 253
MAX_LABEL = 63
_LDH_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII | re.IGNORECASE)
_NUMERIC_LABEL = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DomainName:
    """A domain name in both spellings, lower case, without the final dot.

    ``ascii`` holds A-labels (what DNS and SMTP carry); ``unicode`` holds U-labels (what people read).
    """

    ascii: str
    unicode: str

    def __str__(self) -> str:
        return self.ascii


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
