"""A report read back is the report, and anything else is refused with its place."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.exchange import Reply
from bot.model.report import MxReport
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.report_json import to_json
from bot.render.stored_report import ReportError, from_json
from bot.replay import judge_report
from tests.fuzzing import examples
from tests.render import samples
from tests.render.reports import reports

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model.report import Report


def written(report: Report) -> Any:  # noqa: ANN401 - JSON
    """Return a report as it comes out of a file."""
    return json.loads(json.dumps(to_json(report)))


@pytest.mark.parametrize("name", [name for name in samples.REPORTS if name != "hostile"])
def test_samples_come_back(name: str) -> None:
    """A report without foreign tricks comes back as it was."""
    report = samples.REPORTS[name]()

    assert report == from_json(written(report))


@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
@given(report=reports)
def test_any_report_comes_back(report: Report) -> None:
    """Whatever was found, a report read back is written the same."""
    document = written(report)

    assert document == written(from_json(document))


def test_a_document_with_the_contract_s_keys_alone() -> None:
    """Keys beyond the contract may be missing: replies, vantage and skipping are made up for."""
    document = written(samples.closed())
    for key in ("finished", "error_id", "answers"):
        del document[key]
    del document["vantage"]["reverse_path"], document["vantage"]["forward_path"]
    address = document["mx"][0]["addresses"][0]
    del document["mx"][0]["skipped"], document["mx"][0]["resolved"], address["skipped"]
    endpoint = address["endpoints"][0]
    del endpoint["exchanges"]
    for attempt in endpoint["attempts"]:
        del attempt["reply"]["lines"]
    report = from_json(document)

    assert report.finished
    assert Judgement(Verdict.CLOSED, Reason.RELAY_DENIED) == report.mx[0].judgement
    assert (
        Reply(454, ("4.7.1 <canary@probe.example.net>: Relay access denied",))
        == report.mx[0].addresses[0].endpoints[0].attempts[1].reply
    )


def test_a_part_without_parts_was_skipped() -> None:
    """Without its own key, the verdict of a host without addresses says why it was not asked."""
    mx = MxReport(
        preference=None,
        host="mx.example",
        resolved=True,
        skipped=Judgement(Verdict.NOT_PROBED, Reason.MX_UNUSABLE),
    )
    document = written(samples.finished(mx))
    del document["mx"][0]["skipped"]

    assert mx.skipped == from_json(document).mx[0].skipped


def test_a_transcript_need_not_say_to_which_address() -> None:
    """Its report has an address without a number."""
    document = written(samples.closed())
    document["mx"][0]["addresses"][0]["ip"] = ""

    assert "" == from_json(document).mx[0].addresses[0].ip


def test_unknown_keys_are_passed_over() -> None:
    """A later version's keys do no harm."""
    document = written(samples.closed())
    document["weather"] = {"sun": True}

    assert samples.closed() == from_json(document)


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        ((), [], "the document: not an object"),
        (("schema",), "relaycheck/2", "schema is not relaycheck/1"),
        (("schema",), None, "schema: missing"),
        (("started_at",), "today", "started_at: not a time"),
        (("started_at",), "2026-11-23T12:00:00", "started_at: a time without its zone"),
        (("duration_ms",), True, "duration_ms: missing, or not a int"),
        (("mx",), {}, "mx: not a list"),
        (("mx", 0), 7, "mx[0]: not an object"),
        (("mx", 0, "host"), None, "mx[0].host: missing"),
        (("mx", 0, "addresses", 0, "ptr"), [1], "mx[0].addresses[0].ptr: not a list of texts"),
        (("mx", 1, "addresses", 1, "fcrdns"), "maybe", "no Fcrdns is called 'maybe'"),
        (
            ("mx", 0, "addresses", 0, "ip"),
            "192.0.2.256",
            "mx[0].addresses[0].ip: no address is written '192.0.2.256'",
        ),
        (
            ("answers",),
            [{"name": "example.com", "type": "MX", "status": "records", "records": ["mx.example"]}],
            "answers[0].records: an MX record is a number and a name",
        ),
        (("verdict",), "ajar", "verdict: no Verdict is called 'ajar'"),
        (("reason",), None, "reason: missing"),
    ],
)
def test_faults_are_placed(at: tuple[Any, ...], value: object, message: str) -> None:
    """What is wrong is said with its place in the document."""
    document = {"": copy.deepcopy(written(samples.closed()))}
    target: Any = document
    for key in ("", *at)[:-1]:
        target = target[key]
    target[("", *at)[-1]] = value

    with pytest.raises(ReportError, match=message.replace("[", r"\[").replace("]", r"\]")):
        from_json(document[""])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def places(value: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of each value in a document."""
    inner: Iterable[tuple[Any, object]] = ()
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [at, *(place for key, part in inner for place in places(part, (*at, key)))]


DOCUMENT = written(samples.three_hosts())
PLACES = [place for place in places(DOCUMENT) if place]


@given(st.sampled_from(PLACES), _JSON)
def test_only_its_own_error(at: tuple[Any, ...], value: object) -> None:
    """A report with anything in the place of anything is a report that can be judged, or told."""
    document = copy.deepcopy(DOCUMENT)
    target: Any = document
    for key in at[:-1]:
        target = target[key]
    target[at[-1]] = value
    try:
        report = from_json(document)
    except ReportError:
        return

    asyncio.run(judge_report(report))
