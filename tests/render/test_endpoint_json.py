"""An endpoint in JSON derives what it derives from its own text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from bot.model.exchange import Exchange, Reply, Stage, Trouble
from bot.model.proof import Arrival, Proof
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


def test_a_proof_keeps_its_token_to_itself() -> None:
    """What arrived and how stands in the report; what would let it be forged does not."""
    at = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
    arrival = Arrival(
        token="s3cret-foreign", at=at, is_bounce=False, peer="192.0.2.25", received=("from a by b",)
    )
    taken = Exchange(stage=Stage.END_OF_DATA, command=".", reply=Reply(250, ("2.0.0 Ok",)))
    proof = Proof(kind="foreign", token=arrival.token, exchanges=(taken,), arrivals=(arrival,))
    told = endpoint_json(replace(samples.endpoint("mx.example", ()), proofs=(proof,)))

    document = json.dumps(told)
    assert "s3cret" not in document
    (written,) = json.loads(document)["proofs"]
    assert written["kind"] == "foreign"
    assert written["arrivals"] == [
        {
            "at": "2026-11-24T12:03:00Z",
            "is_bounce": False,
            "peer": "192.0.2.25",
            "received": ["from a by b"],
        }
    ]
