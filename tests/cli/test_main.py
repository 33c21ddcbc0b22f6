"""The command line as a whole: what is on stdout, what on stderr, and the exit status."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import os
import pty
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from bot.cli import main
from bot.cli.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.sandbox.hosts import SampleHosts


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    """Leave the collector of cyclic garbage as it was: ``serve`` changes it for its process."""
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


async def relaycheck(*arguments: str) -> int:
    """Run a command beside the sample hosts of this loop; return its exit status."""
    return await asyncio.to_thread(main, arguments)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("names", "status"),
    [
        (["closed"], 0),
        (["open"], 1),
        (["missing"], 0),
        (["starttls", "greylist"], 3),
        (["closed", "nothing here"], 2),
        (["open", "nothing here", "closed"], 1),
    ],
)
async def test_json_is_a_report_a_line_and_the_rest_is_on_stderr(
    names: list[str], status: int, hosts: SampleHosts, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each valid domain has one line, an invalid one does not stop the others."""
    domains = [f"{name}.{hosts.suffix}" for name in names]

    assert status == await relaycheck("check", "--json", *domains)

    out, err = capsys.readouterr()
    reports = [json.loads(line) for line in out.splitlines()]
    assert {name for name in domains if " " not in name} == {one["domain"] for one in reports}
    assert all(one["schema"] == "relaycheck/1" and one["finished"] for one in reports)
    assert "RELAYCHECK_ALLOW_NETWORKS lets checks contact 127.0.10.0/24" in err
    assert any(" " in name for name in domains) == ("is no domain" in err)


@pytest.mark.usefixtures("environment")
async def test_domains_come_from_stdin_too(
    hosts: SampleHosts, feed: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """``-`` stands for the lines of stdin; with one at a time the order is kept."""
    feed(f"https://closed.{hosts.suffix}/\n\nuser@null-mx.{hosts.suffix}\n192.0.2.1\n".encode())

    domains = (f"missing.{hosts.suffix}", "-", f"open.{hosts.suffix}")
    assert 1 == await relaycheck("check", "--json", "--concurrency", "1", *domains)

    out, err = capsys.readouterr()
    assert [f"{name}.{hosts.suffix}" for name in ("missing", "closed", "null-mx", "open")] == [
        json.loads(line)["domain"] for line in out.splitlines()
    ]
    assert "`192.0.2.1` is an address" in err


@pytest.mark.usefixtures("environment")
async def test_no_probe_asks_dns_alone(
    hosts: SampleHosts, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --no-probe no mail server is asked, and 0 says that DNS answered."""
    assert 0 == await relaycheck("check", "--json", "--no-probe", f"open.{hosts.suffix}")

    report = json.loads(capsys.readouterr().out)
    assert ("not_probed", "disabled") == (report["verdict"], report["reason"])


@pytest.mark.usefixtures("environment")
async def test_options_go_before_settings(
    hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--resolver and --ports replace what the settings say."""
    monkeypatch.setenv("RELAYCHECK_RESOLVER", "udp://127.0.0.1:9")
    monkeypatch.setenv("RELAYCHECK_PORTS", "25")
    monkeypatch.delenv("RELAYCHECK_RCPT_TO")

    options = ("--resolver", hosts.resolver, "--ports", str(hosts.port))
    assert 0 == await relaycheck("check", "--json", *options, f"closed.{hosts.suffix}")

    out, err = capsys.readouterr()
    endpoints = json.loads(out)["mx"][0]["addresses"][0]["endpoints"]
    assert [hosts.port] == [endpoint["port"] for endpoint in endpoints]
    assert "RELAYCHECK_RCPT_TO not set: the probe says" in err


@pytest.mark.usefixtures("environment")
async def test_cards_are_printed_for_people(
    hosts: SampleHosts, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --json the cards are on stdout, in words, without a terminal's escapes."""
    assert 1 == await relaycheck("check", f"open.{hosts.suffix}", f"closed.{hosts.suffix}")

    out = capsys.readouterr().out
    assert f"open.{hosts.suffix}" in out
    assert "Relay access denied" in out
    assert "\x1b" not in out


@pytest.mark.usefixtures("environment")
async def test_a_terminal_shows_what_is_awaited(
    hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal running checks are shown below, and leave the finished cards alone."""
    keeper, terminal = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    reading = asyncio.create_task(asyncio.to_thread(_read_all, keeper))
    with os.fdopen(terminal, "w", encoding="utf-8") as screen:
        monkeypatch.setattr(sys, "stdout", screen)
        status = await relaycheck("check", f"no-ptr.{hosts.suffix}", f"closed.{hosts.suffix}")
    shown = await reading
    os.close(keeper)

    assert 0 == status
    assert "\x1b[?25l" in shown  # the cursor is hidden while the view is live
    assert "Relay access denied" in shown.rpartition("\x1b[?25h")[0]


def _read_all(descriptor: int) -> str:
    """Return all that is written to a pseudo-terminal until its other end is closed."""
    shown = b""
    while True:
        try:
            shown += os.read(descriptor, 65536)
        except OSError:  # EIO: how Linux says that the other end is closed
            return shown.decode()


@pytest.mark.usefixtures("environment")
async def test_a_reader_that_goes_away_ends_the_run_quietly(
    hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """``| head`` is no fault: nothing is logged, and the status says that not all was told."""
    readable, writable = os.pipe()
    os.close(readable)
    with os.fdopen(writable, "w", encoding="utf-8") as broken:
        monkeypatch.setattr(sys, "stdout", broken)
        assert 3 == await relaycheck("check", "--json", f"closed.{hosts.suffix}")

    assert "Traceback" not in capfd.readouterr().err


def test_the_end_of_a_pipe_ends_a_list_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command without checks ends in the same way."""
    readable, writable = os.pipe()
    os.close(readable)
    with os.fdopen(writable, "w", encoding="utf-8", buffering=1) as broken:
        monkeypatch.setattr(sys, "stdout", broken)
        assert 3 == main(("hostname", "mx.example.com"))


@pytest.mark.usefixtures("environment")
async def test_a_fault_of_ours_is_logged_and_says_nothing_of_relays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What no handler is meant for is logged at the top; 1 would say that a relay is open."""

    class Failing(io.StringIO):
        def write(self, text: str) -> int:
            if "no domain" in text:
                raise ZeroDivisionError
            return super().write(text)

    monkeypatch.setattr(sys, "stderr", Failing())

    assert Status.UNKNOWN == await relaycheck("check", "--json", "nothing here")
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("check",), "the following arguments are required: DOMAIN"),
        (("chek", "example.com"), "'chek' is no command"),
        (("check", "example.com", "--concurrency", "0"), "'0': write a number from 1 to 1000"),
        (("check", "example.com", "--concurrency", "x"), "'x': write a number from 1 to 1000"),
        (("check", "example.com", "--resolver", "8.8.8.8"), "'8.8.8.8' is no resolver: write"),
        (("check", "example.com", "--js"), "unrecognized argument '--js'"),
    ],
)
def test_wrong_arguments_are_usage(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What argparse refuses exits with 2 and says why on stderr."""
    with pytest.raises(SystemExit) as refusal:
        main(arguments)

    assert 2 == refusal.value.code
    out, err = capsys.readouterr()
    assert sentence in err
    assert not out


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("arguments", "variables", "sentences"),
    [
        (("check", "example.com", "--ports", "26"), {}, ["`--ports` takes ports among"]),
        (
            ("check", "example.com"),
            {"RELAYCHECK_HTTP_PORT": "x", "RELAYCHECK_RESOLVER": "y"},
            ["RELAYCHECK_HTTP_PORT: ", "RELAYCHECK_RESOLVER: "],
        ),
        (("manifest", "--url", "http://bot.example"), {}, ["--url: 'http://bot.example' is no"]),
        (("serve",), {}, ["SLACK_BOT_TOKEN is not set"]),
        (
            ("serve",),
            {"RELAYCHECK_EHLO": "x"},
            ["RELAYCHECK_EHLO is no setting of this version", "SLACK_BOT_TOKEN"],
        ),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence_each(
    arguments: tuple[str, ...],
    variables: dict[str, str],
    sentences: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Options and settings that cannot be used exit with 2; each problem has its line."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert 2 == main(arguments)

    out, err = capsys.readouterr()
    assert [f"relaycheck: {sentence}" for sentence in sentences] == [
        line[: len(sentence) + 12]
        for line, sentence in zip(err.splitlines(), sentences, strict=True)
    ]
    assert not out


def test_manifests_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The manifest is on stdout, for Socket Mode or for an address."""
    assert 0 == main(("manifest",))
    assert "socket_mode_enabled: true" in capsys.readouterr().out

    assert 0 == main(("manifest", "--url", "https://bot.example.com", "--workflow"))
    printed = capsys.readouterr().out
    assert "https://bot.example.com" in printed
    assert "function_executed" in printed


def test_hostnames_are_classified(capsys: pytest.CaptureFixture[str]) -> None:
    """The class of a name is printed between tabs."""
    assert 0 == main(("hostname", "1-2-3-4.dynamic.isp.example"))

    assert capsys.readouterr().out.startswith("1-2-3-4.dynamic.isp.example\tdynamic\t")


@pytest.mark.usefixtures("environment")
async def test_doctor_examines_the_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Without Slack's tokens the command line can be well all the same."""
    assert 0 == await relaycheck("doctor")

    assert "ok      RELAYCHECK_RCPT_TO: " in capsys.readouterr().out


def test_an_interrupt_ends_with_the_status_of_shells() -> None:
    """Ctrl-C while a line of stdin is awaited ends the program at once."""
    readable, writable = os.pipe()
    before = os.dup(0)
    os.dup2(readable, 0)
    try:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        assert 130 == main(("hostname", "-"))
    finally:
        os.close(writable)
        os.dup2(before, 0)
        os.close(before)
        os.close(readable)


class _StopWhenListening(logging.Handler):
    """Sends this process the signal to stop once the Slack app listens."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("listening on"):
            os.kill(os.getpid(), signal.SIGTERM)


def test_serve_runs_until_it_is_told_to_stop(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM ends the Slack app with 0."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-0")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "0" * 32)
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    monkeypatch.setenv("RELAYCHECK_HTTP_PORT", "0")
    monkeypatch.setenv("RELAYCHECK_RESOLVER", "udp://127.0.0.1:9")
    handler = _StopWhenListening()
    app_log = logging.getLogger("bot.app")
    app_log.addHandler(handler)
    app_log.setLevel(logging.INFO)
    try:
        assert 0 == main(("serve",))
    finally:
        app_log.removeHandler(handler)
        app_log.setLevel(logging.NOTSET)
    # Cyclic garbage is looked for seldom, and not in the libraries: acks would wait for it.
    assert gc.get_threshold()[0] > 1000
    assert gc.get_freeze_count() > 10_000
