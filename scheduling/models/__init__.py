"""Candidates, their schedules, the coding links of the interviews in them, and the messages about them."""

from scheduling.models.calendars import (
    CalendarEvent,
    CalendarTime,
    CalendarWords,
    EventState,
    MemberCalendar,
    Weight,
)
from scheduling.models.candidate_imports import CandidateImport, ColumnMatch
from scheduling.models.change_reasons import ChangeReason
from scheduling.models.coding_links import CodingLink, LinkEvent, LinkState, VendorEvent, VendorSnapshot
from scheduling.models.drafts import FormDraft
from scheduling.models.join_links import JoinLink
from scheduling.models.link_runs import LinkRun, LinkRunItem, RunState, Skipped
from scheduling.models.mail_answers import AnswerMailbox, MailAnswer, MailNote
from scheduling.models.messages import (
    Audience,
    CalendarEntry,
    Message,
    MessageKind,
    MessageState,
    MessageTemplate,
)
from scheduling.models.rooms import Room
from scheduling.models.schedule_states import ShownState
from scheduling.models.schedules import Candidate, Interview, InterviewerAssignment, KeptBecause, Schedule

__all__ = [
    "AnswerMailbox",
    "Audience",
    "CalendarEntry",
    "CalendarEvent",
    "CalendarTime",
    "CalendarWords",
    "Candidate",
    "CandidateImport",
    "ChangeReason",
    "CodingLink",
    "ColumnMatch",
    "EventState",
    "FormDraft",
    "Interview",
    "InterviewerAssignment",
    "JoinLink",
    "KeptBecause",
    "LinkEvent",
    "LinkRun",
    "LinkRunItem",
    "LinkState",
    "MailAnswer",
    "MailNote",
    "MemberCalendar",
    "Message",
    "MessageKind",
    "MessageState",
    "MessageTemplate",
    "Room",
    "RunState",
    "Schedule",
    "ShownState",
    "Skipped",
    "VendorEvent",
    "VendorSnapshot",
    "Weight",
]
