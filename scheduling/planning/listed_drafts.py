"""A member's schedules that are not saved yet, for the tab "Drafts"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models import Stage
from organizations.access import Access
from organizations.lists import Column
from organizations.parameters import row_id
from organizations.reader_queries import ReaderQuery
from scheduling.candidates.queries import listed
from scheduling.models import FormDraft, ShownState
from scheduling.planning.form_drafts import KEEP
from scheduling.schedules.forms import ScheduleForm

DRAFT_COLUMNS = {
    "candidate": Column(_("Candidate")),
    "job": Column(_("Job and stage")),
    "changed": Column(_("Last changed")),
    "state": Column(_("State")),
}
VIEW = "schedule-new"
#: Each is a page of its own: a member has a handful.
MOST = 50


@dataclass(frozen=True)
class ListedDraft:
    """A draft in the list: `address` opens it. Names are empty while nothing is chosen."""

    address: str
    candidate: str
    job: str
    stage: str
    changed_at: datetime
    state: ShownState = ShownState.DRAFT


def _own_drafts(access: Access, since: datetime) -> QuerySet[FormDraft]:
    """The member's unsaved schedules that were changed since then, the last one first."""
    fresh = access.all(FormDraft).filter(membership=access.membership, updated_at__gt=since)
    return fresh.filter(page__startswith=VIEW).exclude(content="").order_by("-updated_at", "-pk")


_ONE: Final = ReaderQuery(lambda access, since: _own_drafts(access, since).values_list("pk")[:1], datetime)


def own_drafts(access: Access) -> QuerySet[FormDraft]:
    """Return the member's unsaved schedules, the last changed first."""
    return _own_drafts(access, timezone.now() - KEEP)


def has_drafts(access: Access) -> bool:
    """Whether the member has unsaved schedules: one query on each view of the list."""
    return bool(_ONE.all(access, timezone.now() - KEEP))


def listed_drafts(access: Access) -> list[ListedDraft]:
    """Return the member's drafts, with the names of what was chosen in them, in three queries."""
    drafts = [(draft, QueryDict(draft.content)) for draft in own_drafts(access)[:MOST]]
    people = {one.pk: one.name for one in listed(access).filter(pk__in=_chosen(drafts, "candidate"))}
    stages = access.all(Stage).filter(pk__in=_chosen(drafts, "stage")).select_related("job")
    return [_listed(access, draft, content, people, {one.pk: one for one in stages}) for draft, content in drafts]


def _chosen(drafts: Sequence[tuple[FormDraft, QueryDict]], name: str) -> list[int]:
    return [number for _draft, content in drafts if (number := row_id(content.get(name)))]


def _listed(
    access: Access, draft: FormDraft, content: QueryDict, people: dict[int, str], stages: dict[int, Stage]
) -> ListedDraft:
    stage = stages.get(row_id(content.get("stage")) or 0)
    is_new = content.get("candidate") == ScheduleForm.NEW
    name = content.get("new-name", "") if is_new else people.get(row_id(content.get("candidate")) or 0, "")
    _view, _mark, asked = draft.page.partition("?")
    return ListedDraft(
        address=access.url(VIEW) + (f"?{asked}" if asked else ""),
        candidate=name,
        job=stage.job.title if stage else "",
        stage=stage.name if stage else "",
        changed_at=draft.updated_at,
    )
