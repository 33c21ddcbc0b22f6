"""``relaycheck probing-txt``: who probes, in the form of RFC 9511."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.cli.commands import probing_txt as command
from bot.cli.probing import probing_txt
from bot.model.report import Vantage

NOW = datetime(2026, 11, 24, 12, 3, 4, 5, tzinfo=UTC)


def fields(ehlo: str) -> dict[str, str]:
    """Return the fields of the file, each of which stands there once."""
    vantage = Vantage(
        name="default",
        ehlo=ehlo,
        reverse_path="relaycheck@example.net",
        forward_path="canary@example.net",
    )
    lines = probing_txt(vantage, NOW).splitlines()
    found = dict(line.split(": ", 1) for line in lines)
    assert len(lines) == len(found)
    return found


def test_the_fields() -> None:
    """A description in one line, a contact, where it stands, and an end within a year."""
    found = fields("probe.example.net")

    assert "https://probe.example.net/.well-known/probing.txt" == found["Canonical"]
    assert "mailto:relaycheck@example.net" == found["Contact"]
    expires = datetime.fromisoformat(found["Expires"])
    assert timedelta(days=300) < expires - NOW < timedelta(days=365)
    assert "en" == found["Preferred-Languages"]
    assert "_relaycheck-optout." in found["Description"]


def test_a_probe_without_a_name() -> None:
    """An address literal has no web address."""
    assert "Canonical" not in fields("[192.0.2.1]")


@pytest.mark.parametrize("is_set", [True, False])
def test_the_command(
    is_set: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is on stdout; on stderr, what is missing for it to be true."""
    for name, value in {
        "RELAYCHECK_EHLO_NAME": "probe.example.net",
        "RELAYCHECK_MAIL_FROM": "relaycheck@example.net",
        "RELAYCHECK_RCPT_TO": "canary@example.net",
    }.items():
        monkeypatch.setenv(name, value if is_set else "")

    command(None)
    out, err = capsys.readouterr()

    assert "Contact: mailto:relaycheck@" in out
    assert ("not set" in err) is not is_set
