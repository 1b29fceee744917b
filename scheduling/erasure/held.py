"""Everything that is held on one candidate, as plain JSON for a file: `docs/personal-data.md` explains each key.

Times are ISO 8601 in UTC. There are no secrets in it: of a join link only when it was made and used, because its
address is as good as the candidate's presence, and whoever downloads this is not the candidate. Texts of messages have
references in place of these addresses, as they are stored. Of colleagues there is the name, and no address.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from django.http import QueryDict
from django.utils import timezone

from integrations.registry import tool_name
from organizations.models import AuditEvent
from organizations.trail import Trail
from scheduling.coding_links.candidate_keys import candidate_key_of
from scheduling.coding_links.erasure import links_of
from scheduling.erasure.traces import Mentions
from scheduling.models import (
    Candidate,
    CandidateImport,
    CodingLink,
    FormDraft,
    Interview,
    JoinLink,
    LinkEvent,
    Message,
    Schedule,
    VendorEvent,
    VendorSnapshot,
)

Data = dict[str, Any]
FORMAT = 1


def held_on(candidate: Candidate) -> Data:
    """Collect everything that is held on a candidate. Writes nothing."""
    mentions = Mentions(candidate)
    schedules = candidate.schedules.select_related("job", "stage").order_by("id")
    return {
        "format": FORMAT,
        "made_at": _at(timezone.now()),
        "organization": candidate.organization.name,
        "candidate": _columns(candidate, "id", "name", "email", "phone", "time_zone", "created_at")
        | {"job": _name(candidate.job), "stage": _name(candidate.stage)},
        "schedules": [_schedule(schedule) for schedule in schedules],
        "coding_interviews": [_link(link) for link in links_of(candidate).select_related("integration").order_by("id")],
        "look_ups": [
            _columns(row, "taken_at", "external_ids") | {"tool": tool_name(row.integration.kind)}
            for row in _look_ups(candidate)
        ],
        "form_drafts": [_draft(draft) for draft in _drafts(candidate) if mentions.in_draft(draft)],
        "uploads": [_upload(one, mentions) for one in _uploads(candidate) if mentions.in_upload(one)],
        "activity": _activity(candidate),
    }


def _schedule(schedule: Schedule) -> Data:
    return _columns(schedule, "id", "state", "time_zone", "created_at") | {
        "job": _name(schedule.job),
        "stage": _name(schedule.stage),
        "interviews": [_interview(one) for one in schedule.interviews.order_by("starts_at", "id")],
        "messages": [_message(one) for one in schedule.messages.order_by("id")],
        "calendar_events": [
            _columns(entry, "uid", "sequence", "audience", "cancelled", "created_at")
            for entry in schedule.calendar_entries.order_by("id")
        ],
        "answers_by_mail": [
            _columns(one, "answer", "comment", "answered_at", "starts_at", "proposed_starts_at")
            | {"audience": one.entry.audience}
            for one in schedule.mail_answers.select_related("entry").filter(answered_at__isnull=False).order_by("id")
        ],
        "received_mails": [
            _columns(one, "sender", "text", "received_at") if one.membership_id is None else _columns(one, "text")
            for one in schedule.mail_notes.order_by("id")
        ],
    }


def _interview(interview: Interview) -> Data:
    people = interview.assignments.select_related("membership__user").order_by("id")
    own = JoinLink.objects.filter(interview=interview, membership__isnull=True).order_by("id")
    columns = ("id", "name", "kind", "place", "meeting", "meeting_url", "starts_at", "ends_at", "state", "created_at")
    return _columns(interview, *columns) | {
        "interviewers": [str(assignment.membership.user) for assignment in people],
        "join_links": [_columns(link, "created_at", "uses", "last_used_at", "revoked_at") for link in own],
    }


def _message(message: Message) -> Data:
    to_candidate = message.audience == "candidate"
    columns = ("id", "kind", "state", "to_name", "subject", "text", "reason", "created_at", "queued_at", "sent_at")
    drafted = {"draft_subject": message.subject_source, "draft_text": message.body_source}
    # An interviewer's event has the interviewer's address.
    own = {"to_email": message.to_email, "calendar": message.calendar, "cc": message.cc} if to_candidate else {}
    if message.is_copy:  # somebody else's address
        own = {"is_copy": True}
    return _columns(message, *columns) | drafted | {"interviews": message.interviews} | own


def _link(link: CodingLink) -> Data:
    columns = (
        "id", "state", "candidate_name", "candidate_email", "external_id", "url", "template_name", "created_at",
        "ready_at", "started_at", "finished_at", "expires_at", "feedback", "choices",
    )  # fmt: skip
    history = LinkEvent.objects.filter(link=link).order_by("id")
    events = VendorEvent.objects.filter(integration=link.integration, external_id=link.external_id)
    return _columns(link, *columns) | {
        "tool": tool_name(link.integration.kind),
        "history": [_columns(event, "at", "from_state", "to_state", "code") for event in history],
        "events": [
            _columns(event, "event", "triggered_at", "received_at")
            for event in (events.order_by("id") if link.external_id else [])
        ],
    }


def _look_ups(candidate: Candidate) -> list[VendorSnapshot]:
    keys = {candidate_key_of(candidate.email), *links_of(candidate).values_list("candidate_key", flat=True)} - {"-", ""}
    rows = VendorSnapshot.objects.filter(
        integration__organization=candidate.organization_id, candidate_key__in=sorted(keys)
    )
    return list(rows.select_related("integration").order_by("id"))


def _drafts(candidate: Candidate) -> list[FormDraft]:
    rows = FormDraft.objects.filter(organization=candidate.organization_id).exclude(content="")
    return list(rows.select_related("membership__user").order_by("id"))


def _draft(draft: FormDraft) -> Data:
    fields = {name: values for name, values in QueryDict(draft.content).lists() if any(values)}
    return _columns(draft, "page", "updated_at") | {"member": str(draft.membership.user), "fields": fields}


def _uploads(candidate: Candidate) -> list[CandidateImport]:
    return list(CandidateImport.objects.filter(organization=candidate.organization_id).order_by("id"))


def _upload(upload: CandidateImport, mentions: Mentions) -> Data:
    """The candidate's own rows of an upload: the others are about other people."""
    rows = [values for _number, values, *_rest in upload.rows if any(map(mentions.in_text, map(str, values.values())))]
    return _columns(upload, "created_at") | {"rows": rows}


def _activity(candidate: Candidate) -> list[Data]:
    rows = list(
        AuditEvent.objects.filter(
            organization=candidate.organization_id, person_type="candidate", person_id=candidate.pk
        ).order_by("id")
    )
    trail = Trail(rows)
    return [
        {"at": _at(row.created_at), "by": trail.actor(row), "action": row.action, "event": trail.sentence(row)}
        | {"detail": row.detail, "texts": row.texts}
        for row in rows
    ]


def _columns(row: Model, *names: str) -> Data:
    found = {name: getattr(row, name) for name in names}
    return {name: _at(value) if isinstance(value, datetime) else value for name, value in found.items()}


def _name(row: Model | None) -> str | None:
    return str(row) if row is not None else None


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
