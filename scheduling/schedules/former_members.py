"""Scheduling's part of an account that is erased, and of the file of all that is held on a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import ngettext

from organizations.erasure.names import Names
from organizations.models import Organization, User
from scheduling.messages import former_members as messages
from scheduling.models import (
    CalendarEvent,
    CandidateImport,
    CodingLink,
    FormDraft,
    Interview,
    InterviewerAssignment,
    JoinLink,
    MailAnswer,
    Message,
    Schedule,
)
from scheduling.schedules.offboarding import coming_interviews


def summary(organization: Organization) -> list[str]:
    """Count interviews to come, for whoever confirms that the organization is deleted."""
    number = coming_interviews().filter(organization=organization).count()
    return [ngettext("%(number)d interview to come", "%(number)d interviews to come", number) % {"number": number}]


def forget(user: User, organization: Organization | None, at_last: bool) -> int:
    """Delete uploads and drafts of a person, and their name in messages and feedback (`hooks.erasures`)."""
    here = {} if organization is None else {"organization": organization}
    CandidateImport.objects.filter(uploaded_by=user, **here).delete()
    names = Names(user)
    plain, mentioned = names.mentioned(documents=["feedback", "problem_params"])
    for link in CodingLink.objects.annotate(**plain).filter(mentioned, **here).order_by("pk"):
        CodingLink.objects.filter(pk=link.pk).update(
            feedback=names.replaced(link.feedback), problem_params=names.replaced(link.problem_params)
        )
    return messages.forget(user, organization, at_last)


def losing_interviewer(user: User) -> dict[int, int]:
    """Count interviews to come in which a person interviews, by the id of their organization."""
    rows = coming_interviews().filter(assignments__membership__user=user).order_by()
    counted = rows.values_list("organization_id").annotate(number=Count("pk", distinct=True))
    return dict(counted)


def held(user: User, organization: Organization) -> dict[str, Any]:
    """Tell a person's interviews, messages and work. Candidates are named where the person met them."""
    assigned = InterviewerAssignment.objects.filter(membership__user=user, interview__organization=organization)
    interviews = Interview.objects.filter(pk__in=assigned.values("interview")).select_related("schedule__candidate")
    to_them = Message.objects.filter(messages.messages_to(user, organization)).order_by("pk")
    joins = JoinLink.objects.filter(organization=organization, membership__user=user).order_by("pk")
    mine = {"organization": organization}
    return {
        "interviews": [
            {
                "name": interview.name,
                "candidate": interview.schedule.candidate.name,
                "starts_at": interview.starts_at,
                "ends_at": interview.ends_at,
                "state": interview.state,
            }
            for interview in interviews.order_by("starts_at", "pk")
        ],
        "messages_received": [
            {
                "kind": message.kind,
                "state": message.state,
                "to": message.to_email,
                "cc": message.cc,
                "subject": message.subject,
                "text": message.text,
                "sent_at": message.sent_at,
            }
            for message in to_them
        ],
        "join_links": [
            {"made_at": join.created_at, "uses": join.uses, "last_used_at": join.last_used_at} for join in joins
        ],
        "answers": [
            {"answer": one.answer, "comment": one.comment, "answered_at": one.answered_at}
            for rows in (CalendarEvent, MailAnswer)
            for one in rows.objects.filter(membership__user=user, answered_at__isnull=False, **mine).order_by("pk")
        ],
        "unsaved_forms": [
            {"page": draft.page, "content": draft.content, "saved_at": draft.updated_at}
            for draft in FormDraft.objects.filter(membership__user=user, **mine).order_by("pk")
        ],
        "uploads": [
            {"uploaded_at": upload.created_at}
            for upload in CandidateImport.objects.filter(uploaded_by=user, **mine).order_by("pk")
        ],
        "schedules_made": Schedule.objects.filter(created_by=user, **mine).count(),
        "messages_sent": Message.objects.filter(sent_by=user, **mine).count(),
        "coding_links_requested": CodingLink.objects.filter(requested_by=user, **mine).count(),
    }
