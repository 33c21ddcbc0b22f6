"""A report as a tree: what a whole is judged for, from its parts, and when that is known."""

from __future__ import annotations

import pytest

from bot.model.exchange import TlsMode
from bot.model.report import AddressReport, EndpointReport, MxReport
from bot.model.verdict import Judgement, Reason, Verdict

OPEN = Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED)
SILENT = Judgement(Verdict.INCONCLUSIVE, Reason.TIMEOUT)
CLOSED = Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
SKIPPED = Judgement(Verdict.NOT_PROBED, Reason.ADDRESS_FORBIDDEN)
UNUSABLE = Judgement(Verdict.NOT_PROBED, Reason.MX_UNUSABLE)


def address(*judgements: Judgement | None, skipped: Judgement | None = None) -> AddressReport:
    """Return an address with an endpoint for each judgement."""
    return AddressReport(
        ip="192.0.2.1",
        endpoints=tuple(
            EndpointReport(port=25, tls=TlsMode.NONE, judgement=judgement)
            for judgement in judgements
        ),
        skipped=skipped,
    )


def mx(
    *addresses: AddressReport, resolved: bool = True, skipped: Judgement | None = None
) -> MxReport:
    """Return an MX host with these addresses."""
    return MxReport(
        preference=10,
        host="mx.example.com",
        resolved=resolved,
        addresses=addresses,
        skipped=skipped,
    )


@pytest.mark.parametrize(
    ("expected", "asked"),
    [
        pytest.param(CLOSED, address(CLOSED), id="one"),
        pytest.param(OPEN, address(CLOSED, OPEN, SILENT), id="the-worst"),
        pytest.param(None, address(OPEN, None), id="one-is-still-being-asked"),
        pytest.param(None, address(), id="no-endpoint-yet"),
        pytest.param(SKIPPED, address(skipped=SKIPPED), id="skipped"),
        pytest.param(SKIPPED, address(None, skipped=SKIPPED), id="skipped-on-the-way"),
    ],
)
def test_an_address_is_as_bad_as_its_worst_endpoint(
    expected: Judgement | None, asked: AddressReport
) -> None:
    """It is judged when all its endpoints are; where it was skipped, by why it was."""
    assert expected == asked.judgement


@pytest.mark.parametrize(
    ("expected", "host"),
    [
        pytest.param(OPEN, mx(address(CLOSED), address(OPEN)), id="the-worst"),
        pytest.param(None, mx(address(OPEN), address(None)), id="one-is-still-being-asked"),
        pytest.param(None, mx(address(CLOSED), resolved=False), id="not-resolved"),
        pytest.param(None, mx(resolved=False, skipped=UNUSABLE), id="skipped-but-not-resolved"),
        pytest.param(UNUSABLE, mx(skipped=UNUSABLE), id="without-addresses"),
        pytest.param(None, mx(), id="without-addresses-or-reason"),
        pytest.param(UNUSABLE, mx(address(CLOSED), skipped=UNUSABLE), id="skipped-is-the-worse"),
        pytest.param(OPEN, mx(address(OPEN), skipped=UNUSABLE), id="skipped-is-the-better"),
    ],
)
def test_a_host_is_as_bad_as_its_worst_address(expected: Judgement | None, host: MxReport) -> None:
    """It is judged when it is resolved and each address is; why it was skipped counts as a part."""
    assert expected == host.judgement
