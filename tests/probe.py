"""Who asks in tests, and whom: a vantage and a plan like any other."""

from __future__ import annotations

from bot.model.domain_name import DomainName
from bot.model.report import Vantage
from bot.relay.attempts import Plan

VANTAGE = Vantage(
    name="default",
    ehlo="probe.example.net",
    reverse_path="probe@probe.example.net",
    forward_path="canary@canary.example.org",
)
PLAN = Plan(
    vantage=VANTAGE,
    domain=DomainName("example.com", "example.com"),
    mx_host="mx.example.com",
    ip="192.0.2.25",
)
