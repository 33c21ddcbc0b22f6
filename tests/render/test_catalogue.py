"""The catalogue is complete, consistent, and safe to fill."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from bot.model.finding import Finding, Severity, Tag
from bot.model.verdict import Verdict
from bot.render.catalogue import (
    CATALOGUE,
    CatalogueError,
    asks,
    fill,
    load,
    rank,
    repair,
    severity,
    title,
    why,
)

TOML = (resources.files("bot.render") / "catalogue.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (TOML.replace("[tag.PTR_MISSING]", "[tag.PTR_LOST]"), "PTR_LOST, PTR_MISSING"),
        (TOML.replace("[verdict.open]", "[verdict.ajar]"), "ajar, open"),
        (TOML.replace("[reason.timeout]", "[reason.late]"), "late, timeout"),
        (TOML.replace('\nsettled = "It', '\nsame = "It'), "[means.*] is missing or unknown: same"),
        (TOML.replace('\naccepted = "', '\ntaken = "'), "accepted, taken"),
        (TOML.replace("[attempt.proof]", "[attempt.test]"), "control, foreign"),
        (TOML.replace('title = "{ip} has no PTR', 'title = "{ptr} has no PTR'), "{ptr} is not"),
        (TOML.replace('next = "Check again later."', 'next = "At {time}."'), "{time} is not"),
        (TOML.replace('mark = "⛔"', 'icon = "⛔"'), "other keys"),
    ],
)
def test_a_broken_catalogue_is_refused(broken: str, message: str) -> None:
    """A missing entry, an unknown one, and an undeclared placeholder are found at the start."""
    with pytest.raises(CatalogueError, match=re.escape(message)):
        load(broken)


@pytest.mark.parametrize("tag", Tag)
def test_every_tag_is_told(tag: Tag) -> None:
    """Every tag has a label, a title, a reason and a repair, and all its arguments are used."""
    words = CATALOGUE.tags[tag]
    told = title(Finding(tag, {name: f"<{name}>" for name in words.args}))

    assert words.label
    assert words.why.endswith(".")
    assert words.repair.endswith(".")
    assert all(f"<{name}>" in told for name in words.args)


def test_severity_and_repair_of_a_finding() -> None:
    """A finding is as grave as its tag, and its repair names its arguments."""
    alias = Finding(Tag.MX_IS_ALIAS, {"host": "mx.example", "target": "host.example"})

    assert Severity.WARNING is severity(alias)
    assert rank(Finding(Tag.OPEN_RELAY_PROVED)) < rank(alias)
    assert repair(alias).startswith("Name host.example in the MX record")
    assert why(alias).startswith("RFC 2181 section 10.3")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"error": "expired", "date": "2026-11-22"}, "it expired on 2026-11-22"),
        ({"error": "self_signed"}, "it is self-signed"),
        ({"error": "it is odd"}, "it is odd"),
    ],
)
def test_what_is_wrong_with_a_certificate(args: dict[str, str], said: str) -> None:
    """A fault is told in words; what an earlier version told in words is left as it is."""
    finding = Finding(Tag.TLS_CERTIFICATE_INVALID, {"ip": "192.0.2.1", **args})

    assert title(finding) == f"The certificate of 192.0.2.1 is not valid for its MX name: {said}"


def test_a_missing_argument_is_a_question_mark() -> None:
    """A stored finding of another version is shown all the same."""
    assert "? has no PTR record" == title(Finding(Tag.PTR_MISSING))
    assert "? has no PTR record" == title(Finding(Tag.PTR_MISSING, {"ip": ""}))


def test_values_are_never_templates() -> None:
    """A foreign value with braces is shown with its braces."""
    assert "{ip} {0.x}" == fill("{ip}", {"ip": "{ip} {0.x}"})


def test_filling_as_mrkdwn_escapes_both() -> None:
    """Read as mrkdwn, our words are escaped and foreign values can do nothing."""
    shown = fill("the <> of {ip} & more", {"ip": "<!here> *x*"}, as_mrkdwn=True)

    assert "the &lt;&gt; of `&lt;!here&gt; *x*` &amp; more" == shown


@pytest.mark.parametrize(
    ("domain", "count", "total", "said"),
    [
        ("a.example", 1, 1, "a.example: its mail host accepts a stranger's mail"),
        ("a.example", 1, 3, "a.example: 1 of 3 mail hosts accepts a stranger's mail"),
        ("a.example", 2, 3, "a.example: 2 of 3 mail hosts accept a stranger's mail"),
        ("a.example", 2, 2, "a.example: both mail hosts accept a stranger's mail"),
        ("a.example", 3, 3, "a.example: all 3 mail hosts accept a stranger's mail"),
    ],
)
def test_headline_counts(domain: str, count: int, total: int, said: str) -> None:
    """A domain's headline says how many of its hosts are as bad as the worst."""
    assert said == CATALOGUE.verdicts[Verdict.LIKELY_OPEN].headline(domain, count, total)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("foreign", "stranger to stranger"),
        ("variant:percent", "odd form (percent)"),
        ("proof:foreign", "a real message (foreign)"),
        ("a\x1bnew:kind", "a[U+001B]new (kind)"),
    ],
)
def test_asks(kind: str, said: str) -> None:
    """Each kind of attempt is said in words; one of another version by its own name."""
    assert said == asks(kind)
