"""An endpoint in JSON derives what it derives from its own text."""

from __future__ import annotations

from dataclasses import replace

from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.model.report import Outcome
from bot.render.endpoint_json import endpoint_json
from tests.render import samples
from tests.render.test_evidence import attempt


def test_an_endpoint_that_is_asked() -> None:
    """Before its verdict an endpoint has nulls where something will be."""
    asked = samples.running().report.mx[0].addresses[0].endpoints[0]
    told = endpoint_json(asked)

    assert (None, None, None, None, []) == (
        told["verdict"],
        told["reason"],
        told["mta"],
        told["timing_ms"],
        told["transcript"],
    )


def test_a_conversation() -> None:
    """Commands, replies and troubles stand as data and as a transcript."""
    said = (
        Exchange(stage=Stage.EHLO, command="EHLO x", reply=Reply(250, ("mx",)), at_ms=1, took_ms=2),
        Exchange(stage=Stage.RSET, trouble=Trouble.DROPPED, detail="\t"),
    )
    silent = replace(attempt("foreign", Outcome.DROPPED), reply=None)
    made = replace(samples.endpoint("mx.example", ()), exchanges=said, attempts=(silent,))
    told = endpoint_json(made)

    assert ["C: EHLO x", "S: 250 mx", "*: dropped at rset"] == told["transcript"]
    assert {
        "stage": "ehlo",
        "command": "EHLO x",
        "reply": {"code": 250, "enhanced": None, "text": "mx", "lines": ["mx"]},
        "trouble": None,
        "detail": "",
        "certificate_error": "",
        "tls": False,
        "at_ms": 1,
        "took_ms": 2,
    } == told["exchanges"][0]  # type: ignore[index]
    assert told["attempts"][0]["reply"] is None  # type: ignore[index]


def test_what_is_known_of_the_server() -> None:
    """Product and timing are told where they are known."""
    told = endpoint_json(samples.own_domain_exim().mx[0].addresses[0].endpoints[0])

    assert {"product": "Exim", "version": "4.96", "confidence": "banner"} == told["mta"]
    assert {"connect", "greeting", "total"} == set(told["timing_ms"])  # type: ignore[call-overload]
