"""What the results of a run are written as."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from bot.cli import main
from bot.render.report_json import to_json
from tests.render.samples import closed, hostile

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.hosts import SampleHosts


@pytest.mark.usefixtures("bare")
def test_a_report_as_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is in ASCII, so that no locale spoils it; its status is that of the verdict."""
    stored = tmp_path / "report.json"
    stored.write_text(json.dumps(to_json(hostile())))

    assert 0 == main(["judge", "--html", str(stored)])
    page = capsys.readouterr().out
    assert page.startswith("<!doctype html>")
    assert page.isascii()
    assert "b&#252;cher.example" in page


@pytest.mark.usefixtures("bare")
def test_several_reports_are_no_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two pages behind each other are none, so nothing is written."""
    stored = tmp_path / "reports.json"
    stored.write_text(2 * f"{json.dumps(to_json(closed()))}\n")

    assert 2 == main(["judge", "--html", str(stored)])
    out, err = capsys.readouterr()
    assert "" == out
    assert "several reports" in err


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("domains", [["example.com", "example.org"], ["-"]])
def test_several_domains_are_no_page(
    domains: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A page is asked for with one domain; nothing is checked else."""
    assert 2 == main(["check", "--html", *domains])
    assert "takes one domain" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
async def test_a_check_as_a_page(hosts: SampleHosts, capsys: pytest.CaptureFixture[str]) -> None:
    """A check of one domain is one page on stdout, and ends as it does without."""
    assert 1 == await asyncio.to_thread(main, ("check", "--html", f"open.{hosts.suffix}"))

    page = capsys.readouterr().out
    assert page.startswith("<!doctype html>")
    assert "LIKELY OPEN" in page
    assert page.rstrip().endswith("</html>")
