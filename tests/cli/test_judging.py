"""``relaycheck judge`` reads what ``check --json`` wrote, and what people did by hand."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.cli import judging, main
from bot.render.report_json import to_json
from tests.render import samples

if TYPE_CHECKING:
    from bot.sandbox.hosts import SampleHosts

TRANSCRIPTS = Path(__file__).parent.with_name("transcripts")
RAW = """\
$ telnet mx.example.com 25
Trying 192.0.2.25...
Connected to mx.example.com.
Escape character is '^]'.
220 mx.example.com ESMTP Postfix
EHLO laptop.example.org
250 mx.example.com
MAIL FROM:<me@example.org>
250 2.1.0 Ok
RCPT TO:<you@example.net>
250 2.1.5 Ok
QUIT
221 2.0.0 Bye
Connection closed by foreign host.
"""


@pytest.mark.usefixtures("environment")
async def test_reports_are_judged_as_they_were(
    hosts: SampleHosts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Judging what ``check`` wrote gives the same reports and the same status, line by line."""
    domains = [sample.domain for sample in hosts.samples if not sample.domain.startswith("tarpit")]
    status = await asyncio.to_thread(main, ("check", "--json", *domains))
    written = capsys.readouterr().out
    stored = tmp_path / "reports.json"
    stored.write_text(written)

    assert status == await asyncio.to_thread(main, ("judge", "--json", str(stored)))

    before = [json.loads(line) for line in written.splitlines()]
    after = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert before == after


@pytest.mark.usefixtures("environment")
async def test_a_report_without_probe_keeps_its_status(
    hosts: SampleHosts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check that asked DNS alone is judged by DNS alone; a report may be spread over lines."""
    await asyncio.to_thread(main, ("check", "--json", "--no-probe", f"open.{hosts.suffix}"))
    stored = tmp_path / "report.json"
    stored.write_text(json.dumps(json.loads(capsys.readouterr().out), indent=2))

    assert 0 == await asyncio.to_thread(main, ("judge", str(stored)))


@pytest.mark.usefixtures("bare")
def test_a_transcript_of_stdin_gives_the_card(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was done by hand has the same card; who was asked about whom is said beside it."""
    text = TRANSCRIPTS.joinpath("postfix-closed.txt").read_text()
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    assert 0 == main(("judge", "-"))

    out, err = capsys.readouterr()
    assert "Relay access denied" in out
    assert (
        "a test of example.com: may <relaytest@probe.example.net> reach <canary@outside.example>?"
        in err
    )


@pytest.mark.usefixtures("bare")
def test_whose_server_it_is_may_have_to_be_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Raw telnet without a control is judged once the domain is told."""
    taken = tmp_path / "telnet.txt"
    taken.write_text(RAW)

    assert 2 == main(("judge", str(taken)))
    assert "<you@example.net> was accepted" in capsys.readouterr().err

    assert 1 == main(("judge", "--json", "--domain", "example.com", str(taken)))
    report = json.loads(capsys.readouterr().out)
    assert ("example.com", "likely_open") == (report["domain"], report["verdict"])
    assert ("mx.example.com", "192.0.2.25") == (
        report["mx"][0]["host"],
        report["mx"][0]["addresses"][0]["ip"],
    )


@pytest.mark.usefixtures("bare")
def test_a_silent_server_is_judged_without_a_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing was asked there is nobody to name."""
    taken = tmp_path / "telnet.txt"
    taken.write_text("421 4.3.2 too many connections\n")

    assert 3 == main(("judge", str(taken)))
    assert "a test of" not in capsys.readouterr().err


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hello", "There is no SMTP session in this"),
        ('{"schema": "other/1"}', "This is no report that can be judged: schema is not"),
        ('{"schema": 1}', "This is no report that can be judged: "),
        ('{"a": 1}\n{"b"\n', "Line 2 is no JSON report: "),
        ('{"a":' * 100_000, "This is no report that can be judged: it is nested too deep."),
        ("220 x\nAUTH PLAIN AGEAYg==\n235 ok\n", "Somebody logs in here"),
    ],
)
def test_what_cannot_be_judged_is_said(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a report nor a transcript: usage, with the reason."""
    taken = tmp_path / "text"
    taken.write_text(text)

    assert 2 == main(("judge", str(taken)))
    assert sentence in capsys.readouterr().err


@pytest.mark.usefixtures("bare")
def test_a_page_is_of_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several reports make no page; one does."""
    line = json.dumps(to_json(samples.closed()))
    stored = tmp_path / "reports.json"
    stored.write_text(f"{line}\n{line}\n")
    assert 2 == main(("judge", "--html", str(stored)))
    out, err = capsys.readouterr()
    assert not out
    assert f"--html writes one page, and {stored} has several reports." in err

    stored.write_text(line)
    assert 0 == main(("judge", "--html", str(stored)))
    assert capsys.readouterr().out.lower().startswith("<!doctype html>")


@pytest.mark.usefixtures("bare")
def test_files_that_cannot_be_read_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No file, and a file without end, are usage."""
    assert 2 == main(("judge", str(tmp_path / "none")))
    assert "none cannot be read: No such file or directory" in capsys.readouterr().err

    long = tmp_path / "long"
    long.write_text("x" * 11)
    monkeypatch.setattr(judging, "MAX_CHARACTERS", 10)
    assert 2 == main(("judge", str(long)))
    assert "is too long" in capsys.readouterr().err
