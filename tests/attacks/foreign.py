"""A word that stands in every text of another organization, so that tests can look for it in answers."""

from __future__ import annotations

from django.db import models

from jobs.models import Job, PlanInterview, Stage
from organizations.models import DayOff, Organization, User
from scheduling.models import Candidate, ChangeReason, Interview, Message, MessageTemplate
from tests.everything import Rows

SECRET = "Vexillum"
TEXTS: dict[type[models.Model], tuple[str, ...]] = {
    Organization: ("name", "sender_name"),
    User: ("name",),
    DayOff: ("note",),
    Job: ("title",),
    Stage: ("name",),
    PlanInterview: ("name",),
    Candidate: ("name",),
    Interview: ("name", "place"),
    ChangeReason: ("text",),
    Message: ("subject", "text", "html", "to_name"),
    MessageTemplate: ("subject", "body"),
}


def mark(theirs: Rows) -> None:
    """Write the word into each text of their rows."""
    for model, names in TEXTS.items():
        row = theirs[model]
        for name in names:
            setattr(row, name, SECRET)
        row.save()
