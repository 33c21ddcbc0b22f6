"""How well host-name classes are told apart, on names that the rules were not written for.

    .venv/bin/python -m tests.bench.hostnames          the held-back half
    .venv/bin/python -m tests.bench.hostnames --seen   the half that rules may be written from
    … --errors                                         and each name that was got wrong

The names are in hostnames.tsv. Flagged means generic, dynamic or cloud. Macro-F1 is over three
classes: {generic, dynamic}, {cloud}, the rest.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from pathlib import Path
from typing import NamedTuple

from bot.model.report import HostnameClass
from bot.posture.hostname import classify

FLAGGED = frozenset({HostnameClass.GENERIC, HostnameClass.DYNAMIC, HostnameClass.CLOUD})


class Labelled(NamedTuple):
    """A name with the class that a person gave it."""

    name: str
    ip: str | None
    label: str


class Figures(NamedTuple):
    """Shares, 0 to 1, and the number of names behind them."""

    names: int
    recall_dynamic: float
    flagged_mail: float
    flagged_static: float
    macro_f1: float


def load(*, held_back: bool) -> list[Labelled]:
    """Return one half of the names; a name's half is that of its hash, and no choice of anybody."""
    with Path(__file__).with_name("hostnames.tsv").open(encoding="utf-8") as file:
        rows = list(csv.reader((line for line in file if line[0] != "#"), delimiter="\t"))
    return [
        Labelled(name, ip or None, label)
        for name, ip, label, _ in rows
        if (hashlib.sha256(name.encode()).digest()[-1] % 2 == 0) == held_back
    ]


def measure(names: list[Labelled]) -> Figures:
    """Classify every name, and count."""
    told = [(one.label, classify(one.name, one.ip).hostname_class) for one in names]

    def flagged(label: str) -> float:
        of_label = [kind for truth, kind in told if truth == label]
        return sum(kind in FLAGGED for kind in of_label) / len(of_label)

    dynamic = [kind for truth, kind in told if truth == "dynamic"]
    return Figures(
        len(names),
        sum(_group(kind) == "line" for kind in dynamic) / len(dynamic),
        flagged("mail"),
        flagged("static"),
        _macro_f1([(_group(HostnameClass(truth)), _group(kind)) for truth, kind in told]),
    )


def _group(kind: HostnameClass) -> str:
    if kind is HostnameClass.CLOUD:
        return "cloud"
    return "line" if kind in FLAGGED else "rest"


def _macro_f1(pairs: list[tuple[str, str]]) -> float:
    scores = []
    for group in ("line", "cloud", "rest"):
        hits = sum(truth == told == group for truth, told in pairs)
        wrong = sum((truth == group) != (told == group) for truth, told in pairs)
        scores.append(2 * hits / (2 * hits + wrong))
    return sum(scores) / len(scores)


def main(argv: list[str]) -> None:
    """Print the figures of one half."""
    names = load(held_back="--seen" not in argv)
    figures = measure(names)
    sys.stdout.write(
        f"names            {figures.names}\n"
        f"recall, lines    {figures.recall_dynamic:.3f}   goal 0.95\n"
        f"flagged, mail    {figures.flagged_mail:.4f}  goal 0.004 at most\n"
        f"flagged, static  {figures.flagged_static:.3f}   goal 0.10 at most\n"
        f"macro-F1         {figures.macro_f1:.3f}   goal 0.90\n"
    )
    if "--errors" in argv:
        for one in names:
            kind, rule = classify(one.name, one.ip)
            if _group(kind) != _group(HostnameClass(one.label)):
                sys.stdout.write(f"{one.label:8} {kind:8} {rule:28} {one.name} {one.ip or ''}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
