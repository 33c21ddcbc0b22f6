"""``relaycheck judge``: stored reports and transcripts, by today's rules."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.output import open_output, say
from bot.cli.standard_input import STDIN
from bot.cli.status import Status, of_all, of_report
from bot.model.verdict import Reason
from bot.relay.transcript import TranscriptError
from bot.render.stored_report import ReportError, from_json
from bot.replay import UnknownDomainError, judge_report, judge_transcript
from bot.request import UsageError, parse_domain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from bot.model.report import Report
    from bot.settings import Settings

MAX_CHARACTERS = 64 * 1024 * 1024


async def run(arguments: argparse.Namespace, settings: Settings) -> Status:
    """Judge what a file or stdin holds; return what to exit with.

    Raises:
        UsageError: It cannot be read, or is neither a report nor a transcript.
    """
    text = _read(arguments.file)
    if text.lstrip().startswith("{"):
        reports = [await judge_report(stored) for stored in _stored(text)]
    else:
        reports = [_transcribed(text, arguments.domain, settings)]
    if arguments.html and len(reports) > 1:
        raise UsageError(f"--html writes one page, and {arguments.file} has several reports.")
    with open_output(as_json=arguments.json, as_html=arguments.html) as output:
        for report in reports:
            output.finished(report)
    return of_all(_status(report) for report in reports)


def _status(report: Report) -> Status:
    judgement = report.judgement
    return of_report(report, probed=judgement is None or judgement.reason is not Reason.DISABLED)


def _read(name: str) -> str:
    try:
        if name == STDIN:
            text = sys.stdin.read(MAX_CHARACTERS + 1)
        else:
            with Path(name).open(encoding="utf-8", errors="replace") as source:
                text = source.read(MAX_CHARACTERS + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"{name} is too long: judge its reports in several files.")
    return text


def _stored(text: str) -> Iterator[Report]:
    """Yield the report of a file, or those of its lines, as ``check --json`` writes them."""
    try:
        documents = [json.loads(text)]
    except RecursionError:
        raise UsageError("This is no report that can be judged: it is nested too deep.") from None
    except ValueError:
        documents = [_document(number, line) for number, line in enumerate(text.splitlines(), 1)]
    for document in documents:
        try:
            yield from_json(document)
        except ReportError as error:
            raise UsageError(f"This is no report that can be judged: {error}.") from None


def _document(number: int, line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"Line {number} is no JSON report: {error}.") from None


def _transcribed(text: str, domain: str | None, settings: Settings) -> Report:
    told = parse_domain(domain, allowed_suffixes=settings.allow_domains) if domain else None
    now = datetime.now(UTC)  # noqa: TID251 - the clock of the edge
    try:
        report = judge_transcript(text, now, told)
    except TranscriptError as error:
        raise UsageError(str(error)) from None
    except UnknownDomainError as error:
        raise UsageError(
            f"<{error}> was accepted, which is only wrong if it is not the server's own recipient: "
            "say whose mail server it is, such as `--domain example.com`."
        ) from None
    if report.vantage.forward_path:
        ours = report.vantage
        say(f"a test of {report.domain}: may <{ours.reverse_path}> reach <{ours.forward_path}>?")
    return report
