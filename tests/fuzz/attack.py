"""Find everything that pages send, and send it with each value in the place of each parameter's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

from django.db import models
from django.urls import resolve

from jobs.models import Job, PlanInterview, Stage
from organizations.models import Membership
from scheduling.models import Candidate, CandidateImport, Interview, Message
from tests.everything import Rows
from tests.fuzz.forms import Sent, sent_by, sent_to
from tests.fuzz.probe import Probe, Reads, Share, encoded, with_raw
from tests.fuzz.values import LONGEST, RAW, VALUES

HTMX = {"HX-Request": "true"}
#: What is not ours to read.
NOT_OURS = {"csrfmiddlewaretoken"}
#: Parameters that name a row: another organization's is tried with each.
IDS: dict[str, type[models.Model]] = {
    "candidate": Candidate,
    "job": Job,
    "stage": Stage,
    "people": Membership,
    "interviewers": Membership,
    "interview": Interview,
    "plan_interview": PlanInterview,
    "message": Message,
    "shown": Message,
    "from": CandidateImport,
}


def senders(probe: Probe, pages: Sequence[str], below: str) -> list[tuple[str, Sent]]:
    """Everything on `pages` that can send something `below` an address, with its address' name; each set of names once.

    The pages' own addresses too, for what their views look for.
    """
    found: dict[tuple[str, str, str], Sent] = {}
    waiting = [one for address in pages for one in (sent_to(address), Sent(address.partition("?")[0], "POST"))]
    for address in pages:
        for headers in (None, HTMX):
            response = probe.ask("GET", address, what="page", headers=headers)
            if response is not None and not response.streaming:
                waiting = [*sent_by(response.content.decode(), address), *waiting]  # type: ignore[attr-defined]
    for sent in waiting:
        address = sent.address.partition("?")[0]
        if address.startswith(below):
            name = resolve(address).url_name or ""
            bare = not sent.names and any(key[:2] == (name, sent.method) for key in found)
            if not bare:
                found.setdefault((name, sent.method, f"{sent.names} {sent.fixed}"), replace(sent, address=address))
    return [(name, sent) for (name, _method, _names), sent in found.items()]


def attack(probe: Probe, target: str, sent: Sent, theirs: Rows, share: Share) -> set[str]:
    """Try each name that is sent or looked for, also names that come up while others are tried. Return them."""
    reads, tried = Reads(), set[str]()
    with reads.watched():
        _send(probe, sent, encoded(sent.fields), "as it stands")
        while waiting := sorted({*sent.names, *reads.names} - NOT_OURS - tried):
            for name in waiting:
                _attack_one(probe, target, sent, name, theirs, share)
            tried |= set(waiting)
    return tried


def wrong_values(probe: Probe, forms: Sequence[tuple[str, Sent]]) -> int:
    """Send one wrong value in the place of each field's, always the same. Return the number of fields.

    A field that several forms send to one address counts once.
    """
    fields = {(target, name): sent for target, sent in forms for name in sent.names if name not in NOT_OURS}
    for (target, name), sent in fields.items():
        value = VALUES[crc32(f"{target} {name}".encode()) % len(VALUES)]
        _send(probe, sent, encoded(sent.fields | {name: [value]}), f"{name}={value!r:.60}")
    return len(fields)


def _attack_one(probe: Probe, target: str, sent: Sent, name: str, theirs: Rows, share: Share) -> None:
    """Try each value in the place of one name's, with all others as they stand on the page."""
    given = sent.fields.get(name) or sent.offered.get(name) or [""]
    model = IDS.get(name.rpartition("-")[2])
    foreign = [str(theirs[model].pk), f"{theirs[model].pk}:0"] if model else []
    cases = [[value] for value in [*foreign, *VALUES, *sent.offered.get(name, ())]]
    cases += [[*given, value] for value in ("²", "9" * 20)] + [[*given, *given], [*VALUES]]
    for values in cases:
        is_offered = values[0] in sent.offered.get(name, ())
        if values[0] in foreign or is_offered or (target, sent.method, name, values) in share:
            _send(probe, sent, encoded(sent.fields | {name: values}), f"{name}={values!r:.60}")
    for raw in RAW:
        if (target, sent.method, name, raw) in share:
            _send(probe, sent, with_raw(sent.fields, name, raw), f"{name}={raw!r:.60}")
    if sent.method == "POST" and (target, name, "longest") in share:
        _send(probe, sent, encoded(sent.fields | {name: [LONGEST]}), f"{name} is long")


def _send(probe: Probe, sent: Sent, data: str, what: str) -> None:
    """Send a request as htmx does. Posted values stand in the address too: some views look there."""
    body = data.encode() if sent.method == "POST" else b""
    probe.ask(sent.method, sent.address, query=data[:20_000], body=body, what=what, headers=HTMX)
