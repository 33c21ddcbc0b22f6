"""relaycheck against the acceptance lab: real mail servers, and what is true of each of them.

Run as root, with the lab of ``../shared/lab`` up (its README says how)::

    .venv/bin/python -m tests.bench.lab [--variants] [--prove] [--ports 25,465,587] [--only ID,ID]

Prints a line for each case that differs from the truth, with the replies that misled, and closes
with the counts. Exit status 0 when nothing is false open or false closed and at least nine of ten
agree.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAB = Path(__file__).resolve().parents[3] / "shared" / "lab"
PYTHON = Path(sys.executable)
NAMESPACE = "rc-out"
SETTINGS = {
    "RELAYCHECK_EHLO_NAME": "probe.prober.example",
    "RELAYCHECK_MAIL_FROM": "relaytest@prober.example",
    "RELAYCHECK_RCPT_TO": "relaytest@outside.example",
    "RELAYCHECK_ALLOW_DOMAINS": "relaylab.test",
    "RELAYCHECK_ALLOW_NETWORKS": "203.0.113.0/24,2001:db8:113::/64",
}
# With --prove the forward-path is the prober's own canary.
CANARY = {
    "RELAYCHECK_RCPT_TO": "relaytest@canary.example",
    "RELAYCHECK_CANARY_LISTEN": "198.51.100.10:25,[2001:db8:198::10]:25",
}
DEFAULT_FORMS = frozenset({"plain", "sender-postmaster", "sender-null", "ipv6"})
UNKNOWN = frozenset({"inconclusive", "not_probed", "no_mail"})


@dataclass(frozen=True)
class Case:
    """A domain of the lab, and the verdicts (``verdict`` or ``verdict/reason``) that are right."""

    id: str
    domain: str
    right: frozenset[str]
    is_open: bool | None


def _plain(case: dict[str, Any]) -> frozenset[str]:
    """Contract words for what the default attempts can prove (the lab's README, truth.json)."""
    if DEFAULT_FORMS & set(case["relayed_by"]):
        return frozenset({"likely_open"})
    right: set[str] = set()
    for word in {case["expected"], *case["acceptable"]}:
        right |= {
            "OPEN": {"likely_open"},
            "CLOSED": {"closed"},
            "AUTH_REQUIRED": {"closed/auth_required"},
            "SENDER_REJECTED": {"closed", "inconclusive/sender_rejected"},
            "ACCEPTS_BUT_DOES_NOT_RELAY": {"likely_open"},
            "INCONCLUSIVE": set(UNKNOWN),
        }[word]
    return frozenset(right)


def _full(case: dict[str, Any], *, prove: bool) -> frozenset[str]:
    """Contract words for all forms, ports and families, without or with proof by delivery."""
    right = {
        "OPEN": {"open"} if prove else {"likely_open", "inconclusive/possible_bypass"},
        "CLOSED": {"closed"} if prove else {"closed", "inconclusive/possible_bypass"},
        "AUTH_REQUIRED": {"closed"} if prove else {"closed", "inconclusive/possible_bypass"},
        "ACCEPTS_BUT_DOES_NOT_RELAY": {
            "closed/rejected_after_data",
            "inconclusive/accepted_not_delivered",
        }
        if prove
        else {"likely_open"},
        "INCONCLUSIVE": set(UNKNOWN),
    }[case["expected_full"]]
    # What the listed, greylisted or cut-off prober cannot see it must not claim.
    if case["expected"] == "INCONCLUSIVE":
        right |= UNKNOWN
    if case["expected"] == "SENDER_REJECTED":
        right |= {"inconclusive/sender_rejected"}
    return frozenset(right)


def load(options: argparse.Namespace) -> list[Case]:
    """Read the lab's cases as the options ask for them."""
    truth = json.loads((LAB / "truth.json").read_text(encoding="utf-8"))
    full = options.variants or options.prove
    cases = [
        Case(
            c["id"],
            c["domain"],
            _full(c, prove=options.prove) if full else _plain(c),
            {"OPEN": True, "CLOSED": False, "AUTH_REQUIRED": False}.get(c["expected_full"]),
        )
        for c in truth["cases"]
    ]
    words = {"CLOSED": {"closed"}, "OPEN": {"likely_open", "open"}, "INCONCLUSIVE": set(UNKNOWN)}
    cases += [
        Case(
            c["id"],
            c["domain"],
            frozenset(words[c["expected"]] | ({"inconclusive/possible_bypass"} if full else set())),
            {"OPEN": True, "CLOSED": False}.get(c["expected"]),
        )
        for c in truth["dns_cases"]
    ]
    only = set(filter(None, (options.only or "").split(",")))
    return [case for case in cases if not only or case.id in only]


def run(cases: list[Case], options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Check all the cases from the probing namespace; return each report by its domain."""
    settings = SETTINGS | (CANARY if options.prove else {})
    flags = (
        ["--ports", options.ports, "--wait", str(options.wait)]
        if options.wait
        else [
            "--ports",
            options.ports,
        ]
    )
    flags += ["--variants"] * options.variants + ["--prove"] * options.prove
    command = ["ip", "netns", "exec", NAMESPACE, str(PYTHON), "-m", "bot", "check", "--json"]
    done = subprocess.run(
        [*command, *flags, "--concurrency", str(options.concurrency), "-"],
        input="\n".join(case.domain for case in cases),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | settings,  # noqa: TID251 - the settings of the program under test
    )
    if options.verbose or not done.stdout:
        sys.stderr.write(done.stderr[-4000:])
    if options.save:
        Path(options.save).write_text(done.stdout, encoding="utf-8")
    reports = (json.loads(line) for line in done.stdout.splitlines())
    return {report["domain"]: report for report in reports}


def evidence(report: dict[str, Any]) -> str:
    """Return the attempts of every endpoint, a line each."""
    return "\n".join(
        f"      {address['ip']}:{endpoint['port']} {attempt['kind']:<12} {attempt['stage']:<10}"
        f" {attempt['outcome']:<18} {json.dumps(attempt['reply'])[:150]}"
        for mx in report["mx"]
        for address in mx["addresses"]
        for endpoint in address["endpoints"]
        for attempt in endpoint["attempts"]
    )


def main() -> int:
    """Run and compare; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--variants", action="store_true")
    parser.add_argument("--prove", action="store_true")
    parser.add_argument("--ports", default="25")
    parser.add_argument("--only")
    parser.add_argument("--wait", type=int, default=0)
    parser.add_argument("--concurrency", type=int, default=40)
    parser.add_argument("--save", help="keep the reports in this file, one a line")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if not (LAB / "truth.json").exists():
        sys.stderr.write(f"The acceptance lab is missing: no {LAB}/truth.json.\n")
        return 2
    cases = load(options)
    reports = run(cases, options)
    right = false_open = false_closed = 0
    for case in cases:
        report = reports.get(case.domain)
        said = f"{report['verdict']}/{report['reason']}" if report else "no report"
        if case.right & {said, said.split("/", maxsplit=1)[0]}:
            right += 1
            continue
        is_false_open = said.startswith(("open", "likely_open")) and case.is_open is False
        is_false_closed = said.startswith("closed") and "closed" not in case.right
        false_open += is_false_open
        false_closed += is_false_closed
        mark = "FALSE OPEN" if is_false_open else "FALSE CLOSED" if is_false_closed else "differs"
        print(f"{mark}: {case.id}: {said}, right: {', '.join(sorted(case.right))}")  # noqa: T201
        if report:
            print(evidence(report))  # noqa: T201
    print(  # noqa: T201
        f"{right} of {len(cases)} right, {false_open} false open, {false_closed} false closed"
    )
    return 0 if not false_open + false_closed and right >= 0.9 * len(cases) else 1


if __name__ == "__main__":
    raise SystemExit(main())
