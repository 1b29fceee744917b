"""Imports of candidates: stored until confirmed, planned against existing candidates, saved all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Job, Stage
from organizations import audit
from organizations.models import AuditEvent, Organization, User
from scheduling import coding_links
from scheduling.candidates.import_files import rows_to_import
from scheduling.candidates.import_validation import CheckedRow, JobLookup, Problem, check
from scheduling.models import Candidate, CandidateImport, CodingLink
from scheduling.models.coding_links import LIVE

EXPIRES_AFTER = timedelta(days=1)
# Rows per query.
CHUNK = 1000
DONE = "candidates.imported"


class ImportRefused(Exception):
    """Nothing was imported. `args[0]` is the message: why, and what to do."""


class Duplicates(models.TextChoices):
    """Treatment of rows whose e-mail address a candidate or an earlier row has already."""

    SKIP = "skip", gettext_lazy("Skip: leave the existing candidates unchanged")
    UPDATE = "update", gettext_lazy("Update: use the file's values, keep the rest")
    ADD = "add", gettext_lazy("Add: create a second candidate with the same address")


@dataclass(frozen=True)
class PlannedRow:
    """A row with its treatment: added, `target` updated, or skipped where neither applies."""

    row: CheckedRow
    adds: bool
    target: Candidate | None = None
    note: str | Promise = ""


@dataclass(frozen=True)
class ImportPlan:
    """The effect of an import now. With any problem it imports nothing."""

    problems: list[Problem]
    rows: list[PlannedRow]

    @property
    def added(self) -> list[PlannedRow]:
        return [planned for planned in self.rows if planned.adds]

    @property
    def updated(self) -> list[PlannedRow]:
        return [planned for planned in self.rows if planned.target is not None]

    @property
    def size(self) -> int:
        return sum(planned.adds or planned.target is not None for planned in self.rows)

    @property
    def skipped(self) -> int:
        return len(self.rows) - self.size


def unexpired(imports: models.QuerySet[CandidateImport]) -> models.QuerySet[CandidateImport]:
    """Imports that can still be viewed and confirmed."""
    return imports.filter(created_at__gt=timezone.now() - EXPIRES_AFTER)


def was_confirmed(*, organization: Organization, import_id: int) -> bool:
    """Whether an import that is gone was confirmed, as after a second click or a reload."""
    events = AuditEvent.objects.filter(organization=organization, subject_type="candidateimport", action=DONE)
    return events.filter(subject_id=import_id).exists()


def delete_expired_imports() -> None:
    """Delete imports that were not confirmed within a day: they hold personal data that is of no use any more."""
    CandidateImport.objects.filter(created_at__lte=timezone.now() - EXPIRES_AFTER).delete()


def plan(stored: CandidateImport, duplicates: str) -> ImportPlan:
    """Check the rows against today's jobs and candidates, in a constant number of queries per thousand rows."""
    organization = stored.organization
    jobs = JobLookup(
        ((pk, title, state == Job.State.OPEN) for pk, title, state in _jobs(organization)),
        Stage.objects.filter(organization=organization).order_by("position", "id").values_list("id", "job_id", "name"),
    )
    checked, problems = check(rows_to_import(stored), jobs)
    existing = _candidates_by_email(organization, checked)
    taken: set[int] = set()
    seen: set[str] = set()
    rows = []
    for row in checked:
        planned = _plan_row(row, existing.get(row.email.lower(), []), duplicates, taken, seen)
        seen.add(row.email.lower())
        if planned.target is not None:
            taken.add(planned.target.pk)
        rows.append(planned)
    return ImportPlan(problems, rows)


def _jobs(organization: Organization) -> Iterator[tuple[int, str, str]]:
    jobs = Job.objects.filter(organization=organization).order_by("id")
    yield from jobs.values_list("id", "title", "state")


def _candidates_by_email(organization: Organization, checked: list[CheckedRow]) -> dict[str, list[Candidate]]:
    """Existing candidates by lower-case address, the oldest first."""
    emails = iter(dict.fromkeys(row.email.lower() for row in checked if row.email))
    found: dict[str, list[Candidate]] = {}
    while chunk := list(islice(emails, CHUNK)):
        existing = Candidate.objects.annotate(small_email=Lower("email")).filter(
            organization=organization, erase_asked_at__isnull=True
        )
        for candidate in existing.filter(small_email__in=chunk).order_by("id"):
            found.setdefault(candidate.email.lower(), []).append(candidate)
    return found


def _plan_row(
    row: CheckedRow, existing: list[Candidate], duplicates: str, taken: set[int], seen: set[str]
) -> PlannedRow:
    email = row.email.lower()
    again = bool(email) and email in seen
    if not existing and not again:
        return PlannedRow(row, adds=True)
    note = gettext_lazy("Same address as an earlier row") if again else gettext_lazy("Already a candidate")
    if duplicates == Duplicates.ADD:
        return PlannedRow(row, adds=True, note=note)
    if duplicates == Duplicates.SKIP:
        return PlannedRow(row, adds=False, note=note)
    # Two people may share an address: then only the name tells whom the row means.
    fitting = existing
    if len(existing) > 1:
        fitting = [each for each in existing if each.name.casefold() == row.name.casefold()]
    if len(fitting) == 1 and fitting[0].pk not in taken:
        return PlannedRow(row, adds=False, target=fitting[0], note=note)
    if len(existing) > 1 and len(fitting) != 1:
        note = gettext_lazy("Several candidates have this address, none or more than one with this name")
    return PlannedRow(row, adds=False, note=note)


@transaction.atomic
def run_import(*, stored: CandidateImport, duplicates: str, expected: int, actor: User) -> ImportPlan:
    """Import all rows or, raising ImportRefused, none. `expected` is the number of candidates on the button.

    Raises CandidateImport.DoesNotExist when the import is done or discarded, so that two clicks import once.
    """
    stored = (
        CandidateImport.objects.select_for_update(of=("self",))
        .select_related("organization")
        .defer("source")
        .get(pk=stored.pk)
    )
    # Two files with the same people, confirmed at once: the second sees whom the first added. Readers don't wait.
    organization = Organization.objects.select_for_update(no_key=True).get(pk=stored.organization_id)
    planned = plan(stored, duplicates)
    if planned.problems:
        raise ImportRefused(_("Nothing was imported. Fix the rows below first."))
    if planned.size != expected:
        raise ImportRefused(
            _("Nothing was imported: candidates have changed since. Check the rows again, then import.")
        )
    new = [_new_candidate(organization, planned.row) for planned in planned.added]
    Candidate.objects.bulk_create(new, batch_size=CHUNK)
    changed = _update(planned.updated)
    audit.record(
        organization=organization,
        actor=actor,
        action=DONE,
        subject=stored,
        detail={"added": len(new), "updated": len(planned.updated), "skipped": planned.skipped, "changed": changed},
    )
    CandidateImport.objects.filter(pk=stored.pk).delete()
    return planned


def _new_candidate(organization: Organization, row: CheckedRow) -> Candidate:
    return Candidate(
        organization=organization,
        name=row.name,
        email=row.email,
        phone=row.phone,
        time_zone=row.time_zone or organization.time_zone,
        job_id=row.job_id,
        stage_id=row.stage_id,
    )


def _update(rows: list[PlannedRow]) -> dict[str, list[str]]:
    """Write the rows' values into their candidates, and new names into their links. Returns changed fields by id."""
    changed: dict[str, list[str]] = {}
    candidates: list[Candidate] = []
    for planned in rows:
        if planned.target is not None and (fields := _assign(planned.target, planned.row)):
            changed[str(planned.target.pk)] = fields
            planned.target.renew_search_key()
            candidates.append(planned.target)
    columns = ["name", "email", "search_key", "phone", "time_zone", "job_id", "stage_id"]
    Candidate.objects.bulk_update(candidates, columns, batch_size=CHUNK)
    _update_links([each for each in candidates if {"name", "email"} & set(changed[str(each.pk)])])
    return changed


def _assign(candidate: Candidate, row: CheckedRow) -> list[str]:
    """Set the row's values on the candidate, unsaved. Returns the names of the fields that changed."""
    values: dict[str, Any] = {
        name: value
        for name in ("name", "email", "phone", "time_zone", "job_id", "stage_id")
        if (value := getattr(row, name))
    }
    if "job_id" in values and "stage_id" not in values and values["job_id"] != candidate.job_id:
        values["stage_id"] = None  # it belongs to the former job
    fields = [name for name, value in values.items() if getattr(candidate, name) != value]
    for name in fields:
        setattr(candidate, name, values[name])
    return fields


def _update_links(renamed: list[Candidate]) -> None:
    """Update the live links of renamed candidates; those without a link cost no query of their own."""
    by_id = iter({candidate.pk: candidate for candidate in renamed}.items())
    while chunk := dict(islice(by_id, CHUNK)):
        live = CodingLink.objects.filter(Q(interview__schedule__candidate__in=list(chunk)), state__in=LIVE)
        with_links = live.order_by("interview__schedule__candidate").values_list(
            "interview__schedule__candidate", flat=True
        )
        for pk in with_links.distinct():
            if pk is not None:
                coding_links.candidate_changed(candidate=chunk[pk])
