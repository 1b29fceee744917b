"""Imports of candidates: kept until they are confirmed, planned against who is there, and saved all or nothing."""

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
from scheduling.candidates.import_files import lines
from scheduling.candidates.import_validation import Openings, Person, Problem, check
from scheduling.models import Candidate, CandidateImport, CodingLink
from scheduling.models.coding_links import LIVE

KEEP = timedelta(days=1)
# Rows that one query asks for or writes.
CHUNK = 1000
DONE = "candidates.imported"


class ImportRefused(Exception):
    """Nothing was imported; `args[0]` is one sentence on why and what to do."""


class Duplicates(models.TextChoices):
    """What happens to rows whose e-mail address a candidate, or an earlier row, has already."""

    SKIP = "skip", gettext_lazy("Skip them: leave the candidates as they are")
    UPDATE = "update", gettext_lazy("Update them: take the file's values over, empty ones change nothing")
    ADD = "add", gettext_lazy("Add them anyway: the same address is then there twice")


@dataclass(frozen=True)
class Step:
    """What will happen to one row: `target` is the candidate to update; neither that nor `adds`: it is skipped."""

    person: Person
    adds: bool
    target: Candidate | None = None
    note: str | Promise = ""


@dataclass(frozen=True)
class Plan:
    """What an import would do now. With any problem it does nothing."""

    problems: list[Problem]
    steps: list[Step]

    @property
    def added(self) -> list[Step]:
        return [step for step in self.steps if step.adds]

    @property
    def updated(self) -> list[Step]:
        return [step for step in self.steps if step.target is not None]

    @property
    def size(self) -> int:
        return sum(step.adds or step.target is not None for step in self.steps)

    @property
    def skipped(self) -> int:
        return len(self.steps) - self.size


def fresh(imports: models.QuerySet[CandidateImport]) -> models.QuerySet[CandidateImport]:
    """Those that still may be looked at and confirmed."""
    return imports.filter(created_at__gt=timezone.now() - KEEP)


def was_confirmed(*, organization: Organization, import_id: int) -> bool:
    """Whether this import is gone because it was done: a second click, or a reload."""
    events = AuditEvent.objects.filter(organization=organization, subject_type="candidateimport", action=DONE)
    return events.filter(subject_id=import_id).exists()


def forget_old_imports() -> None:
    """Deletes what nobody confirmed within a day: it is personal data that serves no end any more."""
    CandidateImport.objects.filter(created_at__lte=timezone.now() - KEEP).delete()


def plan(kept: CandidateImport, duplicates: str) -> Plan:
    """Checks the rows against today's jobs and candidates. A constant number of queries per thousand rows."""
    organization = kept.organization
    openings = Openings(
        ((pk, title, state == Job.State.OPEN) for pk, title, state in _jobs(organization)),
        Stage.objects.filter(organization=organization).order_by("position", "id").values_list("id", "job_id", "name"),
    )
    people, problems = check(lines(kept), openings)
    people_there = _candidates_by_email(organization, people)
    taken: set[int] = set()
    seen: set[str] = set()
    steps = []
    for person in people:
        step = _step(person, people_there.get(person.email.lower(), []), duplicates, taken, seen)
        seen.add(person.email.lower())
        if step.target is not None:
            taken.add(step.target.pk)
        steps.append(step)
    return Plan(problems, steps)


def _jobs(organization: Organization) -> Iterator[tuple[int, str, str]]:
    jobs = Job.objects.filter(organization=organization).order_by("id")
    yield from jobs.values_list("id", "title", "state")


def _candidates_by_email(organization: Organization, people: list[Person]) -> dict[str, list[Candidate]]:
    """Who is there already, by address in small letters; oldest first."""
    emails = iter(dict.fromkeys(person.email.lower() for person in people if person.email))
    found: dict[str, list[Candidate]] = {}
    while chunk := list(islice(emails, CHUNK)):
        there = Candidate.objects.annotate(small_email=Lower("email")).filter(organization=organization)
        for candidate in there.filter(small_email__in=chunk).order_by("id"):
            found.setdefault(candidate.email.lower(), []).append(candidate)
    return found


def _step(person: Person, there: list[Candidate], duplicates: str, taken: set[int], seen: set[str]) -> Step:
    email = person.email.lower()
    again = bool(email) and email in seen
    if not there and not again:
        return Step(person, adds=True)
    note = gettext_lazy("An earlier row has this address") if again else gettext_lazy("Is there already")
    if duplicates == Duplicates.ADD:
        return Step(person, adds=True, note=note)
    if duplicates == Duplicates.SKIP:
        return Step(person, adds=False, note=note)
    # Two people may share an address: then only the name tells whom the row means.
    fitting = there if len(there) == 1 else [each for each in there if each.name.casefold() == person.name.casefold()]
    if len(fitting) == 1 and fitting[0].pk not in taken:
        return Step(person, adds=False, target=fitting[0], note=note)
    if len(there) > 1 and len(fitting) != 1:
        note = gettext_lazy("Several candidates have this address, and the name does not tell which one is meant")
    return Step(person, adds=False, note=note)


@transaction.atomic
def run_import(*, kept: CandidateImport, duplicates: str, expected: int, actor: User) -> Plan:
    """Imports all rows or, raising ImportRefused, none. `expected` is the number that the person agreed to.

    Raises CandidateImport.DoesNotExist when it is done or thrown away already, so that two clicks import once.
    """
    kept = (
        CandidateImport.objects.select_for_update(of=("self",))
        .select_related("organization")
        .defer("source")
        .get(pk=kept.pk)
    )
    # Two files with the same people, confirmed at once: the second sees whom the first added. Readers don't wait.
    organization = Organization.objects.select_for_update(no_key=True).get(pk=kept.organization_id)
    planned = plan(kept, duplicates)
    if planned.problems:
        raise ImportRefused(_("Nothing was imported: some rows need fixing."))
    if planned.size != expected:
        raise ImportRefused(
            _("Nothing was imported: candidates were added or changed meanwhile. Look at the rows again and confirm.")
        )
    new = [_new_candidate(organization, step.person) for step in planned.added]
    Candidate.objects.bulk_create(new, batch_size=CHUNK)
    changed = _update(planned.updated, actor)
    audit.record(
        organization=organization,
        actor=actor,
        action=DONE,
        subject=kept,
        summary=_("Imported candidates: %(added)s added, %(updated)s updated, %(skipped)s skipped")
        % {"added": len(new), "updated": len(planned.updated), "skipped": planned.skipped},
        detail={"added": len(new), "updated": len(planned.updated), "skipped": planned.skipped, "changed": changed},
    )
    CandidateImport.objects.filter(pk=kept.pk).delete()
    return planned


def _new_candidate(organization: Organization, person: Person) -> Candidate:
    return Candidate(
        organization=organization,
        name=person.name,
        email=person.email,
        phone=person.phone,
        time_zone=person.time_zone or organization.time_zone,
        job_id=person.job_id,
        stage_id=person.stage_id,
    )


def _update(steps: list[Step], actor: User) -> dict[str, list[str]]:
    """Writes the rows' values into their candidates; tells links of new names. Returns the changed fields by id."""
    changed: dict[str, list[str]] = {}
    candidates: list[Candidate] = []
    for step in steps:
        if step.target is not None and (fields := _take_over(step.target, step.person)):
            changed[str(step.target.pk)] = fields
            step.target.renew_search_key()
            candidates.append(step.target)
    columns = ["name", "email", "search_key", "phone", "time_zone", "job_id", "stage_id"]
    Candidate.objects.bulk_update(candidates, columns, batch_size=CHUNK)
    _tell_links([each for each in candidates if {"name", "email"} & set(changed[str(each.pk)])], actor)
    return changed


def _take_over(candidate: Candidate, person: Person) -> list[str]:
    values: dict[str, Any] = {
        name: value
        for name in ("name", "email", "phone", "time_zone", "job_id", "stage_id")
        if (value := getattr(person, name))
    }
    if "job_id" in values and "stage_id" not in values and values["job_id"] != candidate.job_id:
        values["stage_id"] = None  # the stage of the job before
    fields = [name for name, value in values.items() if getattr(candidate, name) != value]
    for name in fields:
        setattr(candidate, name, values[name])
    return fields


def _tell_links(renamed: list[Candidate], actor: User) -> None:
    """Only of those who have a link: an import of thousands must not ask for each of them."""
    by_id = iter({candidate.pk: candidate for candidate in renamed}.items())
    while chunk := dict(islice(by_id, CHUNK)):
        live = CodingLink.objects.filter(Q(interview__schedule__candidate__in=list(chunk)), state__in=LIVE)
        with_links = live.order_by("interview__schedule__candidate").values_list(
            "interview__schedule__candidate", flat=True
        )
        for pk in with_links.distinct():
            if pk is not None:
                coding_links.candidate_changed(candidate=chunk[pk], actor=actor)
