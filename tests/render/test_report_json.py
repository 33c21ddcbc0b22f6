"""The public JSON keeps its shape, for any report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from bot.model.report import MxReport
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.report_json import to_json
from tests.fuzzing import examples
from tests.render import samples
from tests.render.reports import reports

if TYPE_CHECKING:
    from bot.model.report import Report

SCHEMA = json.loads((Path(__file__).parent / "report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.mark.parametrize("name", samples.REPORTS)
def test_samples_have_the_shape(name: str) -> None:
    """Every sample is a document of the schema."""
    VALIDATOR.validate(json.loads(json.dumps(to_json(samples.REPORTS[name]()))))


@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
@given(report=reports)
def test_any_report_has_the_shape(report: Report) -> None:
    """Whatever was found, the document has the schema's shape and is valid UTF-8."""
    text = json.dumps(to_json(report), ensure_ascii=False)

    text.encode()
    VALIDATOR.validate(json.loads(text))


def test_the_keys_of_the_contract() -> None:
    """The values stand under the contract's keys."""
    told = json.loads(json.dumps(to_json(samples.open_postfix())))
    address = told["mx"][0]["addresses"][0]
    endpoint = address["endpoints"][0]

    assert ("relaycheck/1", "2026-11-23T12:03:04Z", "likely_open", "foreign_accepted") == (
        told["schema"],
        told["started_at"],
        told["verdict"],
        told["reason"],
    )
    assert {
        "tag": "MX_SINGLE_HOST",
        "severity": "info",
        "title": "One MX host only: mx2.example.com",
        "args": {"host": "mx2.example.com"},
    } == told["findings"][0]
    assert ("pass", "dynamic") == (address["fcrdns"], address["hostname_class"])
    assert {"product": "Postfix", "version": None, "confidence": "banner"} == endpoint["mta"]
    assert {
        "kind": "foreign",
        "reverse_path": "probe@probe.example.net",
        "forward_path": "canary@probe.example.net",
        "tls": False,
        "stage": "rcpt",
        "reply": {"code": 250, "enhanced": "2.1.5", "text": "Ok", "lines": ["2.1.5 Ok"]},
        "outcome": "accepted",
    } == endpoint["attempts"][1]
    assert "S: 220 mx2.example.com ESMTP Postfix" == endpoint["transcript"][0]
    assert ("postfix-relay-restrictions", ["mx2.example.com"]) == (
        told["remediation"][0]["id"],
        told["remediation"][0]["applies_to"],
    )
    assert ("mx2.example.com", "telnet mx2.example.com 25") == (
        told["telnet"][0]["host"],
        told["telnet"][0]["lines"][0],
    )


def test_what_was_not_asked_says_so() -> None:
    """A part that was skipped has its verdict, and the reason for skipping."""
    skipped = Judgement(Verdict.NOT_PROBED, Reason.OVER_LIMIT)
    mx = MxReport(preference=None, host="mx.example", resolved=True, skipped=skipped)
    told = to_json(samples.finished(mx))["mx"]

    assert {"verdict": "not_probed", "reason": "over_limit"} == told[0]["skipped"]  # type: ignore[index]
    assert "not_probed" == told[0]["verdict"]  # type: ignore[index]


def test_foreign_text_is_inert() -> None:
    """No control, surrogate or bidi character reaches the document."""
    text = json.dumps(to_json(samples.hostile()), ensure_ascii=False)

    assert not [c for c in text if ord(c) < 32 or c == "\u202e"]
    assert "[U+001B][31mred" in text
