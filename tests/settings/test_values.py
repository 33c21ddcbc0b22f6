"""Values of the environment are read in the spellings people use, or refused with a remedy."""

from collections.abc import Callable
from ipaddress import ip_network

import pytest

from bot.settings import values


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.parse_port, "0", 0),
        (values.parse_port, "65535", 65535),
        (values.parse_port, 3000, 3000),
        (values.parse_smtp_ports, "25", (25,)),
        (values.parse_smtp_ports, " 587, 25;465 25 ", (587, 25, 465)),
        (values.parse_smtp_ports, (25, 465), (25, 465)),
        (values.parse_smtp_ports, 25, (25,)),
        (values.parse_listen, "192.0.2.1:25", (("192.0.2.1", 25),)),
        (
            values.parse_listen,
            "[2001:db8::1]:25, 0.0.0.0:2525",
            (("2001:db8::1", 25), ("0.0.0.0", 2525)),
        ),
        (values.parse_listen, (("127.0.0.1", 0),), (("127.0.0.1", 0),)),
        (values.parse_networks, "", ()),
        (
            values.parse_networks,
            "203.0.113.0/24, 2001:db8::/32",
            (ip_network("203.0.113.0/24"), ip_network("2001:db8::/32")),
        ),
        (values.parse_networks, "203.0.113.7", (ip_network("203.0.113.7/32"),)),
        (values.parse_networks, [ip_network("10.0.0.0/8")], (ip_network("10.0.0.0/8"),)),
        (
            values.parse_suffixes,
            ".Corp.INTERNAL. relaylab.test,bücher.example",
            ("corp.internal", "relaylab.test", "xn--bcher-kva.example"),
        ),
        (values.parse_days, "90", 90),
        (values.parse_days, 1, 1),
        (values.parse_count, "0", 0),
        (values.parse_count, 100, 100),
        (values.parse_database_url, "sqlite:///relay.db", "sqlite:///relay.db"),
        (values.parse_database_url, "sqlite+aiosqlite:////a b/c", "sqlite:////a b/c"),
        (values.parse_database_url, "postgres://u:p@h:5433/d", "postgresql://u:p@h:5433/d"),
        (values.parse_database_url, "postgresql+asyncpg://h/d", "postgresql://h/d"),
        (values.parse_database_url, "postgresql:///d?host=/run", "postgresql:///d?host=/run"),
        (values.parse_blocklists, "default", "default"),
        (values.parse_blocklists, "off", "off"),
        (values.parse_blocklists, __file__, __file__),
        (values.parse_key, "abc123", "abc123"),
        (values.parse_resolver, "system", "system"),
        (values.parse_resolver, "udp://192.0.2.53:5353", "udp://192.0.2.53:5353"),
        (values.parse_resolver, "tls://[2001:db8::53]", "tls://[2001:db8::53]"),
        (
            values.parse_resolver,
            "tls://192.0.2.53:8853#dns.example",
            "tls://192.0.2.53:8853#dns.example",
        ),
        (values.parse_resolver, "https://dns.example/query", "https://dns.example/query"),
        (values.parse_web_address, "https://slack.com/api", "https://slack.com/api/"),
        (values.parse_web_address, "http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        (values.parse_ehlo_name, "Probe.Example.NET.", "probe.example.net"),
        (values.parse_ehlo_name, "[192.0.2.1]", "[192.0.2.1]"),
        (values.parse_ehlo_name, "[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
        (values.parse_mailbox, "Probe+1@Example.net", "Probe+1@example.net"),
        (values.parse_mailbox, "<a.b@bücher.example>", "a.b@xn--bcher-kva.example"),
        (values.parse_mailbox, "a@[192.0.2.1]", "a@[192.0.2.1]"),
    ],
)
def test_values_are_read(read: Callable[[object], object], text: object, value: object) -> None:
    """Each reader takes what people write, and gives one spelling."""
    assert value == read(text)


@pytest.mark.parametrize(
    ("read", "text", "clause"),
    [
        (values.parse_port, "x", "'x' is no port: write a number"),
        (values.parse_port, "65536", "is no port"),
        (values.parse_port, "-1", "is no port"),
        (values.parse_port, "٢٥", "is no port"),
        (values.parse_smtp_ports, "", "write port numbers with commas, such as 25,465,587"),
        (values.parse_smtp_ports, "25,0", "write port numbers with commas"),
        (values.parse_listen, "mx.example.com:25", "write one such as 192.0.2.1:25"),
        (values.parse_listen, "192.0.2.1", "is no address and port"),
        (values.parse_listen, "192.0.2.1:smtp", "is no address and port"),
        (values.parse_smtp_ports, "25,smtp", "'smtp' is no port"),
        (values.parse_networks, "203.0.113.5/24", "is no network: write 203.0.113.0/24"),
        (values.parse_networks, "corp", "'corp' is no network: write an address with its prefix"),
        (values.parse_suffixes, "corp internal_", "'internal_' is no domain name, because U+005F"),
        (
            values.parse_blocklists,
            "of",
            "'of' is no file: write default, off, or the path of a file",
        ),
        (values.parse_blocklists, "/", "'/' is no file"),
        (values.parse_key, "", "it is no key: write its letters and digits"),
        (values.parse_key, "a.b", "it is no key"),
        (values.parse_key, "x" * 64, "it is no key"),
        (values.parse_resolver, "8.8.8.8", "write system, udp://IP, tls://IP or an https://"),
        *(
            (values.parse_resolver, text, f"{text!r} is no resolver")
            for text in (
                "http://dns.example",
                "udp://dns.example",
                "udp://192.0.2.53:99999",
                "udp://192.0.2.53:0",
                "udp://192.0.2.53/x",
                "udp://192.0.2.53?x",
                "udp://a@192.0.2.53",
                "udp://192.0.2.53#name",
                "tls://[2001:db8::53",
                "https://",
                "ftp://192.0.2.53",
                "",
            )
        ),
        *(
            (values.parse_days, text, f"{text!r} is no number of days: write one such as 90")
            for text in ("0", "-1", "", "1.5", "100000", "week")
        ),
        *(
            (values.parse_count, text, f"{text!r} is no number: write one such as 100")
            for text in ("-1", "", "many", "1000000", "1.5")
        ),
        *(
            (values.parse_database_url, text, "no address of a database: write sqlite:///PATH")
            for text in (
                "relay.db",
                "sqlite://",
                "sqlite:///",
                "sqlite:///:memory:",
                "sqlite:///x?mode=memory",
                "mysql://u@h/d",
                "postgresql://h",
                "postgresql://h/",
                "postgresql://u:se cret@h/d",
            )
        ),
        (values.parse_web_address, "slack.com/api", "write one such as https://slack.com/api/"),
        (values.parse_web_address, "https://slack.com/api?x", "is no web address"),
        (values.parse_ehlo_name, "probe", "write this machine's public name"),
        (values.parse_ehlo_name, "a b.example", "U+0020 (SPACE)"),
        (values.parse_ehlo_name, "192.0.2.1", "is no public host name"),
        (values.parse_ehlo_name, "[192.0.2.300]", "is no domain name"),
        (values.parse_ehlo_name, "[2001:db8::1]", "is no domain name"),
        (values.parse_ehlo_name, "[IPv6:192.0.2.1]", "is no domain name"),
        (values.parse_mailbox, "example.net", "write a mailbox of yours"),
        (values.parse_mailbox, "@example.net", "is no mailbox"),
        (values.parse_mailbox, "a b@example.net", "is no mailbox"),
        (values.parse_mailbox, "a@b\r\nRCPT TO:<x>@example.net", "is no mailbox"),
        (values.parse_mailbox, f"{'x' * 65}@example.net", "is no mailbox"),
        (values.parse_mailbox, "a@exa mple.net", "is no domain name"),
    ],
)
def test_values_are_refused(read: Callable[[object], object], text: object, clause: str) -> None:
    """A refusal says what is wrong and what to write instead."""
    with pytest.raises(ValueError, match="write") as refusal:
        read(text)

    assert clause in str(refusal.value)
