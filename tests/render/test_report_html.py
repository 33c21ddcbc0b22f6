"""The report as a page: whole, alone, and harmless whatever servers and DNS said."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from bot.model.finding import Severity
from bot.model.proof import Arrival, Proof
from bot.model.question import Answer, AnswerStatus, QType, Question
from bot.render.inert import inert
from bot.render.remedies import remedies_for
from bot.render.report_html import to_html
from tests.fuzzing import examples
from tests.render import samples
from tests.render.reports import few, reports_of

if TYPE_CHECKING:
    from bot.model.report import Report

# Nothing that loads, runs, embeds or sends anything.
TAGS = frozenset(
    {
        *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "article"),
        *("footer", "h1", "h2", "h3", "p", "span", "a", "ul", "ol", "li", "dl", "div", "dt", "dd"),
        *("table", "thead", "tbody", "tr", "th", "td", "code", "pre", "b", "strong", "time"),
        *("details", "summary"),
    }
)
ATTRIBUTES = frozenset(
    {
        *(
            "lang",
            "charset",
            "http-equiv",
            "content",
            "name",
            "id",
            "class",
            "href",
            "rel",
            "start",
        ),
        *("scope", "datetime", "open", "aria-hidden"),
    }
)
VOID = frozenset({"meta"})
EVERY = [
    samples.open_postfix(),
    samples.own_domain_exim(),
    samples.closed(),
    samples.greylisted(),
    samples.silent(),
    samples.three_hosts(),
    samples.thirty_hosts(),
    samples.null_mx(),
    samples.hostile(),
    samples.fault(),
    samples.running().report,
]


@dataclass
class Page:
    """What a browser would make of a page."""

    open: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    style: str = ""
    policy: str = ""

    @property
    def text(self) -> str:
        """Everything that is read."""
        return " ".join(self.texts)


def parsed(document: str) -> Page:
    """Parse a page strictly: every element is closed in its turn."""
    page = Page()

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            page.tags.add(tag)
            page.attributes |= {name for name, _ in attrs}
            page.links += [value or "" for name, value in attrs if name == "href"]
            if ("http-equiv", "Content-Security-Policy") in attrs:
                page.policy = dict(attrs)["content"] or ""
            if tag not in VOID:
                page.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert tag == page.open.pop()

        def handle_data(self, data: str) -> None:
            if page.open and page.open[-1] == "style":
                page.style = data
            elif data.strip():
                page.texts.append(data)

        def handle_comment(self, data: str) -> None:
            raise AssertionError(data)

    parser = Parser()
    parser.feed(document)
    parser.close()
    assert [] == page.open
    return page


def page_of(report: Report) -> Page:
    """Return the page of a report, parsed."""
    return parsed(to_html(report, version="1.2.3"))


def assert_harmless(page: Page) -> None:
    """Nothing on the page acts, loads, hides or leads to where somebody else wants it."""
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    for link in page.links:
        assert re.match(r"#host-\d+\Z|https://", link)
        assert "evil" not in link
    for text in page.texts:
        for line in text.splitlines():
            assert inert(line, 200_000) == line


@pytest.mark.parametrize("report", EVERY, ids=[str(number) for number in range(len(EVERY))])
def test_every_report_is_a_page_that_stands_alone(report: Report) -> None:
    """Open, closed, failed or still running, a report is a whole page of known elements."""
    page = page_of(report)

    assert_harmless(page)
    assert report.domain.ascii in page.text
    assert "relaycheck 1.2.3" in page.text


@given(reports_of(few))
@settings(max_examples=examples(15), suppress_health_check=list(HealthCheck))
def test_no_text_is_markup(report: Report) -> None:
    """Whatever a server, DNS or a person wrote is shown as text."""
    assert_harmless(page_of(report))


def test_the_policy_allows_the_style_and_nothing_else() -> None:
    """A browser is told to load and run nothing; the style is named by its hash."""
    page = page_of(samples.closed())
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()

    assert page.policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "url(" not in page.style
    assert "@import" not in page.style


def test_all_that_the_card_has_is_on_the_page() -> None:
    """Verdict, sentence, flags, every remedy, listings, attempts, transcript and typed lines."""
    report = samples.open_postfix()
    text = page_of(report).text
    first, *others = remedies_for(report.mx[0])

    assert "LIKELY OPEN" in text
    assert "No message was sent, so this is strong evidence and not proof." in text
    assert "PTR_DYNAMIC" in text
    assert Severity.WARNING in text
    told = [span for remedy in (first, *others) for step in remedy.told for span in step]
    assert all(words.strip() in text for words, _ in told)
    assert all(line in text for line in first.config.splitlines())
    assert f"If that was not it: {others[0].title}" in text
    assert "zen.spamhaus.org" in text
    assert "null sender to a stranger" in text
    assert "C: RCPT TO:<canary@probe.example.net>" in text
    assert "telnet mx2.example.com 25" in text
    assert "454 4.7.1" in text


def test_the_worst_host_comes_first() -> None:
    """Hosts stand in the order of how much they matter, and the table leads to each."""
    page = page_of(samples.three_hosts())
    hosts = [text for text in page.texts if re.fullmatch(r"mx\d\.example\.com", text)]

    assert ["mx2.example.com", "mx3.example.com", "mx1.example.com"] == hosts[:3]
    assert ["#host-1", "#host-2", "#host-3"] == [each for each in page.links if each[0] == "#"]


def test_what_dns_answered_and_how_a_message_fared() -> None:
    """Look-ups stand there with their records, or why there are none; a proof with its path."""
    report = samples.closed()
    mx = report.mx[0]
    address = mx.addresses[0]
    asked = address.endpoints[0]
    arrival = Arrival(token="", at=samples.NOW, is_bounce=True, peer="192.0.2.25")
    proof = Proof(kind="foreign", token="", arrivals=(arrival,))
    told = replace(asked, proofs=(proof,), age_s=100)
    report = replace(
        report,
        mx=(replace(mx, addresses=(replace(address, endpoints=(told,)),)),),
        answers=(
            Answer(
                question=Question("example.com", QType.MX),
                status=AnswerStatus.RECORDS,
                records=("10 a.example.com", "20 b.example.com"),
            ),
            Answer(question=Question("", QType.TXT), status=AnswerStatus.SERVFAIL, detail="<b>"),
        ),
    )
    text = page_of(report).text

    assert "2 look-ups" in text
    assert "10 a.example.com" in text
    assert "servfail <b>" in text
    assert "answer reused, 2 min old" in text
    assert "a bounce came back, brought by 192.0.2.25" in text
