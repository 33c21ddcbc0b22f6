"""The worst that somebody may type after the slash command, by kind."""

# ruff: noqa: RUF001 - look-alikes are what this is about

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from urllib.parse import quote

_TABLE = tomllib.loads((Path(__file__).parents[1] / "request" / "requests.toml").read_text("utf-8"))
_LONGEST = 4000
_chance = random.Random(8)  # noqa: S311 - the same inputs each time

# What a workspace user's worst input of each kind is; each ends in one clear sentence.
WORST: dict[str, tuple[str, ...]] = {
    "nothing": (" ", "\t", "\u3000", "\u200b", "``", '""', "<>", "--", "..."),
    "too long": (
        "a" * _LONGEST,
        "a." * 2000,
        f"{'a' * 63}." * 4 + "example",
        f"{'a' * 64}.example",
        "example.com " * 300,
        "--" + "x" * 3000,
        "ü" * 2000,
        "example.com --ports " + "25," * 1000,
        "https://" + "a/" * 1900,
        "\U0001f600" * 1000,
    ),
    "an address": (
        *("127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "0", "10.5", "::1"),
        *(
            "169.254.169.254",
            "[::ffff:169.254.169.254]",
            "http://169.254.169.254/latest/meta-data/",
        ),
        *("0xa9fea9fe", "2852039166", "①⑥⑨.②⑤④.①⑥⑨.②⑤④", "169.254.169.254.", "10.0.0.5:25"),
        *(
            "metadata.google.internal",
            "user@[127.0.0.1]",
            "fe80::1%lo",
            "１２７.１",
            "127。0。0。1",
        ),
    ),
    "a name of the inside": (
        *("localhost", "localhost.", "LOCALHOST", "a.localhost", "db.internal", "router.local"),
        *("mail.corp", "wpad.home", "x.onion", "5.0.0.10.in-addr.arpa", "kubernetes.default.svc"),
    ),
    "a mention": (
        *("<!channel>", "<!here>", "<!everyone>", "<@U0DANA>", "<#C0INCIDENT|incident>"),
        *("<!subteam^S012|@all>", "<!date^1^{date}|x>", "@channel", "@here example.com"),
        *("example.com<!channel>", "<!channel>.com", "<http://evil.example|<!channel>>"),
    ),
    "a link that lies": (
        *("<http://evil.example|example.com>", "<https://a.example|b.example>"),
        *("<mailto:a@a.example|b@b.example>", "<javascript:alert(1)|example.com>"),
        *("<data:text/html,x|example.com>", "<http://a.example|>", "<|a.example>", "<<a|b>>"),
    ),
    "markup": (
        *("*example.com* and _more_", "`a` `b`", "```\nexample.com\n```\n```", ">example.com\n>b"),
        *("~a~ b", "&lt;!channel&gt;", "&amp;amp;", "example.com&lt;", ":boom:.com"),
    ),
    "control characters": (
        *("example.com\0", "\0", "exam\x00ple.com", "\x1b[2Jexample.com", "example.com\x07"),
        *("a\x08b.example", "\x7f.example", "example.com\x85x", "example.com\r\nQUIT", "a\nb"),
        *("example.com\u2028x.example", "\x1b]0;title\x07", "\x9b31m.example"),
    ),
    "what cannot be seen": (
        *("exam\u200bple.com", "\u202emoc.elpmaxe", "\u2066example.com\u2069", "a\u00adb.example"),
        *("\ufeffexample.com", "a\u034fb.example", "exam\u200dple.com", "\u2800.example"),
        *("\U000e0041.example", "a\ufe0fb.example", "\u115f.example", "\u3164.example"),
    ),
    "marks without end": (
        *("a" + "\u0301" * 500 + ".example", "\u0301", "Z\u0351\u036b\u0343.example"),
        "e\u0301" * 300 + ".example",
    ),
    "look-alikes": (
        *("ехаmple.com paypаl.com", "раypal.com\u0338", "exаmple.com\u0338", "ß\u0338.example"),
        *("xn--a.example", "xn--.example", "xn--\u00fc.example", "xn--99999999.example"),
        *("א1b.example", "a·b.example", "℀.example", "i❤.example", "\u0660.\u0661"),
    ),
    "broken text": (
        *("\ufffd.example", "\ufffe.example", "\U0010ffff.example", "a\ue000.example"),
        *("exam%70le.com", "exam%00ple.com", "%", "a%ZZ.example", "=?utf-8?q?x?="),
    ),
    "labels that are none": (
        *("-a.example", "a-.example", "a..example", ".example", "a.", "*.example", "_a.example"),
        *("a b.example", "a|b.example", "a/b/c", "a\\b.example", "a'b.example", 'a"b.example'),
        *("$(id).example", "`id`.example", "a;b", "a&&b.example", "a,b", "{{7*7}}.example"),
        *("'; DROP TABLE reports;--", "../../etc/passwd", "%s%s%n.example", "${jndi:ldap://x}"),
    ),
    "commands of SMTP": (
        *(
            "example.com\r\nMAIL FROM:<a@b.example>",
            "RCPT TO:<a@b.example>",
            "a@b.example>\r\nDATA",
        ),
        *("<@a.example:u@b.example>", "u%v@a.example", "a!b@c.example", "postmaster@a@b.example"),
    ),
    "options that are none": (
        *("example.com --sudo", "--", "-p 25 example.com", "example.com --ports", "--ports 25"),
        *("example.com --ports 0", "example.com --ports 65536", "example.com --ports 22"),
        *("example.com --ports 25,25,,", "example.com --ports=-1", "example.com --ports 25.0"),
        *("example.com --ports ²⁵x", "example.com --ports 1e3", "example.com --ports 0x19"),
        *("example.com --no-probe --prove", "example.com --private --privat", "——prove"),
        *("example.com --variants=all", "example.com —no—probe", "example.com --prove --no-probe"),
    ),
    "several at once": (
        *("a.example b.example", "a.example,b.example;c.example", "a.example\nb.example"),
        *("a@a.example, b@b.example", "https://a.example https://b.example"),
        " ".join(f"d{n}.example" for n in range(300)),
    ),
    "words with nothing behind them": (
        *("verify", "verify 127.0.0.1", "verify <!channel>", "verify a b", "history", "history ;"),
        *("watch", "watch 10.0.0.5 daily", "watch a.example every 1s", "watch a.example #nowhere"),
        *("unwatch", "unwatch nobody.example", "verify " + "a" * 3000, "histroy example.com"),
    ),
    "noise": tuple(
        "".join(chr(_chance.randrange(0x20, 0x2FF)) for _ in range(_chance.randrange(1, 60)))
        for _ in range(40)
    ),
    "noise of octets": tuple(
        quote(_chance.randbytes(_chance.randrange(1, 30)), safe="") + ".example" for _ in range(20)
    ),
}

INPUTS: dict[str, str] = {
    **{f"{kind}-{n}": text for kind, texts in WORST.items() for n, text in enumerate(texts)},
    **{
        f"{kind}-{n}": text[0] if isinstance(text, list) else text
        for kind in ("help", "refused")
        for n, text in enumerate(_TABLE[kind])
    },
}
