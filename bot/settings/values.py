"""How the words of the environment are read: ports, networks, names, mailboxes.

Each reader raises a ValueError, a clause that says what to write. Knows spellings, not what a
setting is for. RFC 5321 §4.1.2 and §4.1.3 for mailboxes and address literals, RFC 4632 for
networks.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

from bot.model.domain_name import DomainNameError, is_host_name, parse_domain_name

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_SEPARATORS = re.compile(r"[,;\s]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?")
# SQLAlchemy's spelling: a path follows sqlite:///, so that an absolute one has four slashes.
_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>(?!:memory:)[^?#]+)")
_POSTGRESQL = re.compile(r"postgres(?:ql)?(?:\+\w+)?://(?P<place>[^\s/]*/\S+)")
# RFC 5321 §4.1.2: Dot-string, at most 64 octets (§4.5.3.1.1); §4.1.3: address literals.
_LOCAL_PART = re.compile(
    r"(?=.{1,64}\Z)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII
)
_LITERAL = re.compile(r"\[(?P<v6>IPv6:)?(?P<ip>[0-9A-Fa-f.:]+)\]")


def split_words(value: object) -> tuple[object, ...]:
    """Return the words of a list: separated by commas, semicolons or blanks, or listed already."""
    if isinstance(value, str):
        return tuple(word for word in _SEPARATORS.split(value) if word)
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def parse_port(value: object) -> int:
    """Read a port number; 0 lets the system choose."""
    word = str(value)
    if not re.fullmatch(r"\d{1,5}", word, re.ASCII) or int(word) > 65535:
        raise ValueError(f"{word!r} is no port: write a number from 0 to 65535, such as 3000")
    return int(word)


def parse_days(value: object) -> int:
    """Read a number of days, at least one."""
    word = str(value)
    if not re.fullmatch(r"[1-9]\d{0,4}", word, re.ASCII):
        raise ValueError(f"{word!r} is no number of days: write one such as 90")
    return int(word)


def parse_count(value: object) -> int:
    """Read how many there may be; 0 is none."""
    word = str(value)
    if not re.fullmatch(r"\d{1,6}", word, re.ASCII):
        raise ValueError(f"{word!r} is no number: write one such as 100, or 0 for none")
    return int(word)


def parse_smtp_ports(value: object) -> tuple[int, ...]:
    """Read port numbers with commas or blanks between them, each once, in order."""
    ports = tuple(dict.fromkeys(parse_port(word) for word in split_words(value)))
    if not ports or 0 in ports:
        raise ValueError("no port to ask: write port numbers with commas, such as 25,465,587")
    return ports


def parse_listen(value: object) -> tuple[tuple[str, int], ...]:
    """Read addresses and ports to listen at; an IPv6 address stands in brackets."""
    return tuple(_listen(word) for word in split_words(value))


def _listen(value: object) -> tuple[str, int]:
    if isinstance(value, tuple):
        return str(value[0]), parse_port(value[1])
    host, _, port = str(value).rpartition(":")
    try:
        ip = ipaddress.ip_address(host.strip("[]"))
        return str(ip), parse_port(port)
    except ValueError:
        raise ValueError(
            f"{value!r} is no address and port: write one such as 192.0.2.1:25 or [2001:db8::1]:25"
        ) from None


def parse_networks(value: object) -> tuple[IPNetwork, ...]:
    """Read networks in CIDR notation; an address alone is a network of one."""
    return tuple(_network(word) for word in split_words(value))


def _network(value: object) -> IPNetwork:
    try:
        return ipaddress.ip_network(str(value))
    except ValueError:
        pass
    try:
        meant = str(ipaddress.ip_network(str(value), strict=False))
    except ValueError:
        meant = "an address with its prefix length, such as 203.0.113.0/24"
    raise ValueError(f"{str(value)!r} is no network: write {meant}")


def parse_suffixes(value: object) -> tuple[str, ...]:
    """Read domain names, with or without a dot before or after, as A-labels."""
    return tuple(
        _domain(str(word).strip("."), "a suffix such as corp.internal")
        for word in split_words(value)
    )


def _domain(text: str, meant: str) -> str:
    try:
        return parse_domain_name(text).ascii
    except DomainNameError as error:
        raise ValueError(f"{text!r} is no domain name, because {error}: write {meant}") from None


def parse_resolver(value: str) -> str:
    """Check a resolver: ``system``, ``udp://IP[:PORT]``, ``tls://IP[:PORT][#NAME]``, ``https://…``.

    A name server has to be named by its address: a name would need another resolver.
    """
    if value != "system" and not _is_name_server(value):
        raise ValueError(
            f"{value!r} is no resolver: write system, udp://IP, tls://IP or an https:// address, "
            "such as https://cloudflare-dns.com/dns-query"
        )
    return value


def _is_name_server(value: str) -> bool:
    try:
        url = urlsplit(value)
        has_port = url.port != 0
        if url.scheme == "https":
            return bool(url.hostname) and has_port
        ipaddress.ip_address(url.hostname or "")
    except ValueError:
        return False
    is_plain = not url.path.strip("/") and not url.query and url.username is None
    fragment_fits = not url.fragment or url.scheme == "tls"
    return url.scheme in ("udp", "tls") and is_plain and fragment_fits and has_port


def parse_blocklists(value: str) -> str:
    """Check whose blocklists are asked: ``default``, ``off``, or a file that is there."""
    if value not in ("default", "off") and not Path(value).is_file():
        raise ValueError(
            f"{value!r} is no file: write default, off, or the path of a file with your own lists"
        )
    return value


def parse_key(value: str) -> str:
    """Check a blocklist's key, which becomes a label of the names that are asked for."""
    if not re.fullmatch(r"[A-Za-z0-9]{1,63}", value, re.ASCII):
        raise ValueError("it is no key: write its letters and digits as the provider shows them")
    return value


def parse_web_address(value: str) -> str:
    """Read a base address, and give it its final slash."""
    if not _WEB_ADDRESS.fullmatch(value):
        raise ValueError(f"{value!r} is no web address: write one such as https://slack.com/api/")
    return value.removesuffix("/") + "/"


def parse_database_url(value: str) -> str:
    """Read where the database is; the name of a driver is left out. No password is ever shown."""
    if sqlite := _SQLITE.fullmatch(value):
        return f"sqlite:///{sqlite['path']}"
    if postgresql := _POSTGRESQL.fullmatch(value):
        return f"postgresql://{postgresql['place']}"
    raise ValueError(
        "no address of a database: write sqlite:///PATH or postgresql://USER@HOST/DATABASE"
    )


def _is_literal(text: str) -> bool:
    """Whether it is an address literal of RFC 5321 §4.1.3."""
    literal = _LITERAL.fullmatch(text)
    try:
        return literal is not None and ipaddress.ip_address(literal["ip"]).version == (
            6 if literal["v6"] else 4
        )
    except ValueError:
        return False


def parse_ehlo_name(value: str) -> str:
    """Read a host name of several labels, or an address literal (RFC 5321 §4.1.4)."""
    meant = "this machine's public name, such as probe.example.net"
    if _is_literal(value):
        return value
    name = _domain(value, meant)
    if "." not in name or not is_host_name(name):
        raise ValueError(f"{value!r} is no public host name: write {meant}")
    return name


def parse_mailbox(value: str) -> str:
    """Read a mailbox, with or without its angle brackets; the domain as A-labels."""
    meant = "a mailbox of yours, such as relaycheck@example.net"
    local, at, domain = value.strip("<>").rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local):
        raise ValueError(f"{value!r} is no mailbox: write {meant}")
    return f"{local}@{domain if _is_literal(domain) else _domain(domain, meant)}"
