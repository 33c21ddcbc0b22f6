"""Slips on the command line, and the help that its options share with Slack."""

from __future__ import annotations

import pytest

from bot.cli import main
from bot.cli.arguments import read_arguments
from bot.request.options import OPTIONS, PRIVATE


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["chekc", "example.com"], "did you mean `relaycheck check example.com`?"),
        (["example.com", "--no-probe"], "did you mean `relaycheck check example.com --no-probe`?"),
        (["hsitory"], "did you mean `relaycheck history`?"),
        (["check", "example.com", "--no-prob"], "`--no-probe`?"),
        (["check", "example.com", "-prove"], "`--prove`?"),
        (["check", "--port=25", "example.com"], "`--ports`?"),
        (["judge", "--domian", "x", "f"], "`--domain`?"),
        (["xyzzy"], "'xyzzy' is no command: choose from check, judge"),
        (["check", "example.com", "--xyzzy"], "unrecognized argument '--xyzzy'\n"),
        (["history", "example.com", "example.org"], "unrecognized argument 'example.org'\n"),
        (["ex\x1b[2J.com"], "check 'ex[U+001B][2J.com'"),
        ([], "required: COMMAND"),
    ],
)
def test_a_slip_is_told_what_was_meant(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped command or option ends in 2 and names the nearest; a domain alone is a check."""
    with pytest.raises(SystemExit) as end:
        main(typed)

    assert 2 == end.value.code
    assert said in capsys.readouterr().err


def test_what_is_right_is_read() -> None:
    """A command with its options is read as it stands."""
    arguments = read_arguments(["check", "--html", "example.com"])

    assert ("check", True, ["example.com"]) == (
        *(arguments.command, arguments.html),
        arguments.domains,
    )


def test_options_have_the_words_that_they_have_in_slack(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each option of a check is explained in one sentence, wherever it is typed."""
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    told = " ".join(capsys.readouterr().out.split())

    assert all(o.summary in told for name, o in OPTIONS.items() if name != PRIVATE)
