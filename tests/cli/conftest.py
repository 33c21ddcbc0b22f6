"""What the tests of the command line share: standard input, and sample hosts to check."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.hosts import SampleHosts, sample_hosts
from bot.settings import Settings, variable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path


@pytest.fixture
def feed() -> Iterator[Callable[[bytes], None]]:
    """Return a function that makes bytes, and then an end, standard input."""
    before = os.dup(0)

    def write(content: bytes) -> None:
        readable, writable = os.pipe()
        os.write(writable, content)
        os.close(writable)
        os.dup2(readable, 0)
        os.close(readable)

    yield write
    os.dup2(before, 0)
    os.close(before)


@pytest.fixture
async def hosts() -> AsyncIterator[SampleHosts]:
    """Run the sample mail hosts and their DNS on loopback."""
    async with sample_hosts() as running:
        yield running


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Clear the environment of settings, and work in a folder without a .env file."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def environment(bare: None, hosts: SampleHosts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment as an operator would who checks the sample hosts."""
    monkeypatch.setenv("RELAYCHECK_RESOLVER", hosts.resolver)
    monkeypatch.setenv("RELAYCHECK_PORTS", str(hosts.port))
    monkeypatch.setenv("RELAYCHECK_ALLOW_NETWORKS", ",".join(map(str, hosts.networks)))
    monkeypatch.setenv("RELAYCHECK_ALLOW_DOMAINS", hosts.suffix)
    monkeypatch.setenv("RELAYCHECK_EHLO_NAME", hosts.probe)
    monkeypatch.setenv("RELAYCHECK_MAIL_FROM", f"relaycheck@{hosts.probe}")
    monkeypatch.setenv("RELAYCHECK_RCPT_TO", f"canary@{hosts.probe}")
