"""Words that mean harm, said by a real server, through every renderer: none acts anywhere."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from bot.model.report import Progress
from bot.model.verdict import Reason
from bot.render.cards import mx_card, parent
from bot.render.inert import inert, inert_lines, mrkdwn
from bot.render.pages import paged, transcript_lines
from bot.render.report_json import to_json
from bot.render.terminal import final
from tests.hostile.test_consent_live import found, permissions
from tests.hostile.test_inputs import ACTIVE
from tests.render.block_lint import faults
from tests.render.golden import CONTEXT
from tests.render.test_cards import BUTTONS
from tests.render.test_report_html import assert_harmless, page_of
from tests.render.test_terminal import shown
from tests.test_logs import line

if TYPE_CHECKING:
    from bot.model.report import Report

WORDS: dict[str, bytes] = {
    "mentions": b"<!channel> <!here> <@U0DANA> <#C0INCIDENT> <!subteam^S1|@all>",
    "links": b"<https://evil.example|a bank> https://evil.example/ www.evil.example a@evil.example",
    "mrkdwn": b"*bold* _it_ ~no~ `code` > quote :boom: &lt;!channel&gt; &amp;",
    "fences": b"``` ```` ```js",
    "html": b"<script>alert(1)</script><img src=x onerror=y>&#60;b&#62;",
    "attributes": b'" onmouseover="x" \' style=\'y',
    "escapes": b"\x1b[2J\x1b]0;title\x07\x1b[31m\x9b31m",
    "line ends inside": b"a\rb\x0bc\x0cd\xe2\x80\xa8e\xc2\x85f",
    "bidi": "\u202egro.evil\u202c \u2066x\u2069 \u200f".encode(),
    "zero width": "ev\u200bil\u200d \ufeff\u2060\u00ad".encode(),
    "tags": "\U000e0041\U000e0042".encode(),
    "marks": ("Z" + "\u0351\u036b" * 400).encode(),
    "wide": "\ufdfd".encode() * 200,
    "surrogates": b"\xed\xa0\x80\xed\xb0\x80",
    "8-bit": bytes(range(0x80, 0x100)),
    "nul": b"\0\0nul\0",
    "private use": "\ue000\U0010ffff\ufffe".encode(),
    "50 kB of words": b"word " * 10_000,
    "50 kB of one word": b"x" * 50_000,
    "50 kB of brackets": b"<" * 50_000,
    "braces": b"{0} {ip} {} %s %n ${x} {{7*7}}",
    "a log line": b"time=2026 level=info logger=bot forged=yes",
    "json": b'"}],"verdict":"closed",{"x":"',
    "emptiness": b"    \t   ",
}


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """What a check finds where a server says each of them, in its greeting and in its refusal."""

    async def all_of_them() -> list[Report]:
        checks = (
            found(
                permissions(),
                points={
                    "GREETING": b"220 mx.d.test ESMTP " + words + b"\r\n",
                    "RCPT": b"554 5.7.1 Relay access denied " + words + b"\r\n",
                },
            )
            for words in WORDS.values()
        )
        return [what.report for what in await asyncio.gather(*checks)]

    return dict(zip(WORDS, asyncio.run(all_of_them()), strict=True))


def is_text(text: str) -> bool:
    """Whether a text holds nothing but what is seen, and line ends."""
    return all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("name", [pytest.param(name, id=f"words:{name}") for name in WORDS])
def test_no_words_act_anywhere(reports: dict[str, Report], name: str) -> None:
    """Slack takes each card and pings nobody, the terminal and the page show text, JSON is JSON."""
    report = reports[name]
    (mx,) = report.mx

    assert report.judgement is not None
    assert Reason.RELAY_DENIED is report.judgement.reason
    for card in (parent(Progress(report), CONTEXT, BUTTONS), mx_card(report, mx, CONTEXT, BUTTONS)):
        assert [] == faults(card)
    assert is_text(shown(final(report)))
    lines = transcript_lines(report, mx.host)
    window = paged("Evidence", lines, 0, callback_id="words", subject="x")
    assert is_text(json.dumps(window, ensure_ascii=False).replace("\\n", "\n"))
    assert_harmless(page_of(report))
    document = json.dumps(to_json(report), ensure_ascii=False)
    document.encode()
    assert to_json(report) == json.loads(document)
    assert 1 == len(line("server said %s", WORDS[name].decode("utf-8", "replace")).splitlines())


@pytest.mark.parametrize("text", ["x" * 100_000, "<!channel>" * 10_000, "e\u0301\u202e" * 33_334])
def test_a_line_of_100_kb_is_cut(text: str) -> None:
    """However long a line is, so much of it is shown, and no entity is cut in two."""
    assert 200 >= len(inert(text))
    assert (1, 3000) >= (len(inert_lines([text])), len(inert_lines([text])[0]))
    assert ACTIVE.search(mrkdwn(inert(text))) is None
