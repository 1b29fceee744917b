"""Turns the sentences of the audit trail into codes and ids, a batch at a time; goes on where it was interrupted.

Sentences without people's names stay as they are, among the row's values. Of the others, what can be told is told by
ids: of a person who is gone only that they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 1000
#: Subjects whose sentences name no person.
IMPERSONAL = ("job.", "stage.", "plan_interview.", "integration.", "messagetemplate.", "reasons.")
ROLES = {"Admin": "admin", "Recruiter": "recruiter", "Interviewer": "interviewer", "Coordinator": "coordinator"}
CONFLICTS = {
    "This is in the past": "past",
    "Overlaps with the candidate's": "candidate_elsewhere",
    " is busy: ": "double_booked",
    " is off on ": "day_off",
    "'s hours: ": "outside_hours",
    "Outside the candidate's day": "candidate_night",
    "Weekend for the candidate": "candidate_weekend",
}
#: Where a member's name stands.
NAMES = {
    "organization.created": "set up with (.*) as its first admin$",
    "member.role_changed": "role of (.*) from .+ to .+$",
    "member.removed": "^Removed (.*)$",
    "member.joined": "^(.*) joined as ",
    "member.hours_changed": "hours of (.*)$",
    "member.days_off_changed": " days off for (.*)$",
    "member.time_zone_changed": "^(.*) changed their time zone",
    "member.signed_out": "^Signed (.*) out everywhere$",
    "member.sessions_ended": "^(.*) signed out on ",
}
_MARKS = re.compile("[\u2066-\u2069]")


class Known:
    """The people behind a batch of rows."""

    def __init__(self, apps: Apps, rows: list[Any]) -> None:
        ids: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            ids[row.subject_type].add(row.subject_id)
            ids["message"].add(row.detail.get("message") or 0)
        self.interviews = self._read(apps, "Interview", ids["interview"], "schedule__candidate", "name")
        self.schedules = self._read(apps, "Schedule", ids["schedule"], "candidate", "candidate__name")
        self.messages = self._read(apps, "Message", ids["message"], "audience", "membership__user")
        members = apps.get_model("organizations", "Membership")._default_manager.filter(pk__in=ids["membership"])
        self.members = dict(members.values_list("pk", "user"))
        invited = apps.get_model("organizations", "Invitation")._default_manager.filter(pk__in=ids["invitation"])
        self.invited = dict(invited.values_list("pk", "email"))
        self.users: dict[str, set[int]] = defaultdict(set)
        for pk, name in apps.get_model("organizations", "User")._default_manager.values_list("pk", "name"):
            self.users[name].add(pk)

    def _read(self, apps: Apps, model: str, ids: set[int], *columns: str) -> dict[int, tuple[Any, ...]]:
        rows = apps.get_model("scheduling", model)._default_manager.filter(pk__in=ids).values_list("pk", *columns)
        return {pk: tuple(values) for pk, *values in rows}

    def user(self, name: str) -> int | None:
        """The account that is called that, if it is the only one."""
        found = self.users.get(name.strip(), set())
        return next(iter(found)) if len(found) == 1 else None


def convert(row: Any, known: Known) -> None:
    """Give a row its code, ids and texts, in place of its sentence."""
    if row.person_type or row.texts or "sentence" in row.detail:
        row.summary = ""  # has its code already
        return
    said, detail = _MARKS.sub("", row.summary), dict(row.detail)
    subject = row.action.partition(".")[0]
    if row.action.startswith(IMPERSONAL):
        detail["sentence"] = row.summary
    elif subject == "candidate":
        row.person_type, row.person_id = "candidate", row.subject_id
    elif subject in {"schedule", "interview"}:
        _of_schedule(row, detail, said, known)
    elif subject == "join_link":
        _of_join_link(row, said.partition(": ")[2], known)
    elif subject == "message":
        _of_message(row, detail, said, known)
    elif subject in {"member", "organization"}:
        _of_member(row, detail, said, known)
    row.detail, row.summary = detail, ""


def _of_schedule(row: Any, detail: dict[str, Any], said: str, known: Known) -> None:
    texts: dict[str, Any] = {}
    candidate = (known.interviews if row.subject_type == "interview" else known.schedules).get(row.subject_id)
    row.person_type, row.person_id = "candidate", candidate[0] if candidate else detail.get("candidate")
    for name in ("interviews", "note"):
        if value := detail.pop(name, None):
            texts[name] = value
    if row.action == "schedule.created":
        detail.setdefault("count", len(texts.get("interviews", [])))
    if moves := detail.get("moves"):
        texts["moves"] = [move.pop("name", "") for move in moves]
        detail["count"] = len(moves)
    if row.subject_type == "interview":
        found = re.search("“(.*)”", said)
        texts["interview"] = found[1] if found else ""
    if " left the organization" in said:
        row.action, user = "interview.member_left", known.user(said.partition(" left the organization")[0])
        detail |= {"user": user} if user else {}
    _changes(detail, texts, known)
    _overridden(detail, texts)
    # Nobody is left with whom texts could be erased.
    row.texts = {name: value for name, value in texts.items() if value} if row.person_id else {}


def _changes(detail: dict[str, Any], texts: dict[str, Any], known: Known) -> None:
    changes = detail.pop("changes", None) or {}
    told = {"kind": changes["kind"]} if "kind" in changes else {}
    if "people" in changes:
        people = [[known.user(name) or 0 for name in str(end).split(", ") if name] for end in changes["people"]]
        told["people"] = {"user": people}
    if told:
        detail["changes"] = told
    texts["changes"] = {name: changes[name] for name in ("name", "place") if name in changes}


def _overridden(detail: dict[str, Any], texts: dict[str, Any]) -> None:
    """Conflicts were sentences with names: of each stays which kind it was."""
    found = detail.pop("overruled", None) or []
    found = detail.pop("overridden", None) or found
    named = found.items() if isinstance(found, dict) else [(texts.get("interview", ""), found)]
    told = [(name, text) for name, several in named for text in several]
    if told:
        detail["overridden"] = [{"conflict": _kind(text)} for _name, text in told]
        texts["overridden"] = [[name, text.partition(" Reason: ")[2]] for name, text in told]


def _kind(text: str) -> str:
    return next((kind for words, kind in CONFLICTS.items() if words in text), "")


def _of_join_link(row: Any, name: str, known: Known) -> None:
    interview = known.interviews.get(row.subject_id)
    user = known.user(name)
    if user is not None:
        row.person_type, row.person_id = "user", user
    elif interview is not None:
        row.person_type, row.person_id = "candidate", interview[0]


def _of_message(row: Any, detail: dict[str, Any], said: str, known: Known) -> None:
    audience, user = known.messages.get(detail.get("message") or 0, ("", None))
    schedule = known.schedules.get(row.subject_id)
    if said.startswith("Withdrew"):
        row.action = "message.withdrawn"
    if "further calendar event" in said:
        detail["part"] = True
    if str(detail.get("kind", audience)).startswith("candidate"):
        row.person_type, row.person_id = "candidate", schedule[0] if schedule else None
    elif user or (user := known.user(_recipient(said))):
        row.person_type, row.person_id = "user", user


def _recipient(said: str) -> str:
    found = re.search(r"\((.*)\)|(?: to | reached )(.*)", said)
    return (found[1] or found[2]) if found else ""


def _of_member(row: Any, detail: dict[str, Any], said: str, known: Known) -> None:
    if row.subject_type == "invitation":
        row.person_type, row.person_id = "invitation", row.subject_id
        email = known.invited.get(row.subject_id)
        row.texts = {"email": email} if email else {}
        detail |= _roles(r"new (?P<role>.+)$", said)
        return
    name = re.search(NAMES.get(row.action, "^$"), said)
    user = known.members.get(row.subject_id) if row.subject_type == "membership" else None
    user = user or known.user(name[1] if name else "")
    if user and row.action != "organization.changed":
        row.person_type, row.person_id = "user", user
    detail |= _roles(r"from (?P<former_role>.+) to (?P<role>.+)$", said) or _roles(r"joined as (?P<role>.+)$", said)
    if row.action == "member.days_off_changed":
        row.action = "member.days_off_added" if said.startswith("Added") else "member.days_off_removed"
    if row.action == "member.time_zone_changed":
        detail["zone"] = said.rpartition(" to ")[2]
    if row.action == "member.sessions_ended":
        number = re.search(r"on (\d+) other", said)
        detail["count"] = int(number[1]) if number else 1


def _roles(pattern: str, said: str) -> dict[str, str]:
    found = re.search(pattern, said)
    return {key: ROLES.get(label, label) for key, label in found.groupdict().items()} if found else {}


def tell_by_codes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    from organizations.search import search_key
    from organizations.trail import words

    events = apps.get_model("organizations", "AuditEvent")._default_manager.exclude(summary="").order_by("pk")
    columns = ["action", "person_type", "person_id", "detail", "texts", "summary", "search_key"]
    while rows := list(events[:BATCH]):
        known = Known(apps, rows)
        for row in rows:
            convert(row, known)
            row.search_key = search_key(words(row))
        with transaction.atomic(schema_editor.connection.alias):
            events.model._default_manager.bulk_update(rows, columns, batch_size=200)


def tell_in_sentences(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give each row a sentence again, without the names of people."""
    from organizations.trail import words

    events, last = apps.get_model("organizations", "AuditEvent")._default_manager.order_by("pk"), 0
    while rows := list(events.filter(pk__gt=last)[:BATCH]):
        for row in rows:
            row.summary = words(row)[:300]
        with transaction.atomic(schema_editor.connection.alias):
            events.model._default_manager.bulk_update(rows, ["summary"], batch_size=200)
        last = rows[-1].pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("scheduling", "0025_references_to_join_links"),
        ("organizations", "0013_trail_rows_without_names"),
    ]
    run_before = [("organizations", "0016_append_only_trail")]
    operations = [migrations.RunPython(tell_by_codes, tell_in_sentences)]
