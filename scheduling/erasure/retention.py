"""Delete candidates so many months after their last interview, or after they were added where they had none.

Each organization sets how many months; off at first. Nothing is deleted within the week after the setting was switched
on or shortened: admins are told by e-mail and on Home, and may keep single candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.lookups import GreaterThan
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from organizations import audit, languages, limits
from organizations.enqueue import after_commit
from organizations.lists import MOST_LISTED, NumberOf
from organizations.mail import Mailbox, answers_to, sender_of, write_from
from organizations.models import Membership, Organization, User
from organizations.trail_retention import MONTH
from scheduling.erasure import services
from scheduling.models import Candidate, Schedule

log = structlog.get_logger(__name__)

#: Ids of candidates, and when their time began to count.
Due = QuerySet[Any, tuple[int, datetime]]

#: From when the setting is switched on or shortened until the first deletion.
GRACE = timedelta(days=7)
#: How far ahead the page shows who is due.
SHOWN = timedelta(days=30)
#: Who would be due is counted so far.
COUNTED = 200
#: Candidates deleted in one round of beat: a few minutes of a worker.
MOST = 500


def is_due(organization: Organization, candidate: int, at: datetime) -> bool:
    """Whether a candidate is due at a moment."""
    if not organization.candidate_months:
        return False
    return any(part.exists() for part in _due(organization, at, candidate=candidate))


def numbers_due(organization: Organization, at: datetime, months: Sequence[int]) -> dict[int, int]:
    """Count for each setting who would be due with it at a moment, to `COUNTED` + 1, in one query."""
    numbers = []
    for one in months:
        # The shortest due first: who came long ago is more likely to have been here since.
        parts = [part.order_by("-last")[: COUNTED + 1] for part in _due(organization, at, months=one)]
        interviewed, never = map(NumberOf, parts)
        enough = When(GreaterThan(interviewed, COUNTED), then=Value(COUNTED + 1))
        numbers.append(Case(enough, default=interviewed + never, output_field=IntegerField()))
    found = Organization.objects.filter(pk=organization.pk).order_by().values_list(*numbers)
    return {one: min(number, COUNTED + 1) for one, number in zip(months, found[0], strict=True)}


def due(organization: Organization, at: datetime) -> list[tuple[int, datetime]]:
    """Return who is due at a moment, the longest due first: as many as a list has, and one more."""
    if not organization.candidate_months:
        return []
    found = [one for part in _due(organization, at) for one in part.order_by("last", "who")[: MOST_LISTED + 1]]
    return sorted(found, key=lambda one: (one[1], one[0]))[: MOST_LISTED + 1]


def _due(
    organization: Organization, at: datetime, *, months: int | None = None, candidate: int | None = None
) -> tuple[Due, Due]:
    """Return who is due, in two parts that are each read along an index, from either end.

    Those with an interview: by the end of their last schedule. Those without: by the day they came. Whether there is
    a later one is asked of each row: as a condition of its own, PostgreSQL compared all rows with all.
    """
    months = organization.candidate_months if months is None else months
    before = at - months * MONTH
    ended = Schedule.objects.filter(organization=organization, last_ends_at__isnull=False)
    last = ended.filter(candidate=OuterRef("candidate")).order_by("-last_ends_at", "-pk").values("pk")[:1]
    interviewed = ended.filter(_free("candidate__", candidate), pk=Subquery(last), last_ends_at__lt=before)
    came = Candidate.objects.filter(_free("", candidate), organization=organization, created_at__lt=before)
    never = came.annotate(one=Subquery(ended.filter(candidate=OuterRef("pk")).order_by().values("pk")[:1]))
    first: Any = interviewed.annotate(who=F("candidate"), last=F("last_ends_at")).values_list("who", "last")
    second: Any = never.filter(one=None).annotate(who=F("pk"), last=F("created_at")).values_list("who", "last")
    return first, second


def _free(path: str, pk: int | None) -> Q:
    """Condition for candidates whom retention may delete, or for one of them; `path` leads to the candidate."""
    kept = Q(**{f"{path}kept_because": ""}) | Q(**{f"{path}kept_until__lt": timezone.localdate()})
    free = kept & Q(**{f"{path}erase_asked_at__isnull": True})
    return free if pk is None else free & Q(**{f"{path}pk": pk})


def begins_at(organization: Organization) -> datetime | None:
    """Return the moment before which nothing is deleted; None while retention is off."""
    if not organization.candidate_months or organization.candidate_months_since is None:
        return None
    return organization.candidate_months_since + GRACE


def day_of(organization: Organization, last: datetime) -> date:
    """Return the day on which a candidate is deleted whose time began to count at `last`."""
    moment = last + organization.candidate_months * MONTH
    return timezone.localdate(max(moment, begins_at(organization) or moment, timezone.now()))


def is_announced(organization: Organization) -> bool:
    """Whether the setting is so new that nothing is deleted yet."""
    begins = begins_at(organization)
    return begins is not None and begins > timezone.now()


@transaction.atomic
def keep_candidates_for(*, organization: Organization, months: int, actor: User) -> None:
    """Delete candidates after so many months; 0: never. Admins get an e-mail when more are deleted, or earlier."""
    locked = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    former = locked.candidate_months
    if months == former:
        return
    locked.candidate_months = months
    is_stricter = bool(months) and (not former or months < former)
    if is_stricter or not months:
        locked.candidate_months_since = timezone.now() if months else None
    locked.save(update_fields=["candidate_months", "candidate_months_since"])
    audit.record(
        organization=locked,
        actor=actor,
        action="retention.changed",
        subject=locked,
        detail={"candidate_months": months, "former_months": former},
    )
    if is_stricter:
        after_commit("scheduling.mail_retention", locked.pk)


@transaction.atomic
def keep(*, candidate: Candidate, because: str, until: date | None, actor: User) -> None:
    """Keep a candidate whom retention would delete: until a day, or for good. `because` "": no longer."""
    Candidate.objects.filter(pk=candidate.pk).update(kept_because=because, kept_until=until)
    audit.record(
        organization=candidate.organization,
        actor=actor,
        action="candidate.kept" if because else "candidate.released",
        subject=candidate,
        detail={"because": because, "until": until.isoformat() if until else ""} if because else {},
    )


def kept(organization: Organization) -> QuerySet[Candidate]:
    """Return the candidates who are kept, by name."""
    today = timezone.localdate()
    # As the index says it, which has no others.
    rows = Candidate.objects.filter(organization=organization, kept_because__gt="")
    return rows.filter(Q(kept_until__isnull=True) | Q(kept_until__gte=today)).order_by("search_key", "pk")


def delete_due() -> int:
    """Delete who is due, each in a transaction of its own. Called by beat; several workers may do it at once."""
    deleted, now = 0, timezone.now()
    for organization in Organization.objects.filter(candidate_months__gt=0).order_by("pk"):
        begins = begins_at(organization)
        if begins is None or begins > now:
            continue
        for pk, _last in due(organization, now)[: MOST - deleted]:
            deleted += _delete_if_due(pk, organization.pk)
    if deleted:
        log.info("candidates_deleted", number=deleted)
    return deleted


@transaction.atomic
def _delete_if_due(pk: int, organization_id: int) -> bool:
    """Delete one candidate, unless somebody else has them, or has kept or scheduled them since."""
    organization = Organization.objects.get(pk=organization_id)
    locked = Candidate.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
    begins, now = begins_at(organization), timezone.now()
    if locked is None or begins is None or begins > now or not is_due(organization, pk, now):
        return False
    return services.delete_candidate(candidate=locked, actor=None)


def mail(organization_id: int) -> None:
    """Tell the admins from when on candidates are deleted, and how many are due then."""
    organization = Organization.objects.filter(pk=organization_id).first()
    begins = begins_at(organization) if organization is not None else None
    if organization is None or begins is None:
        return
    if not limits.has_room(limits.NOTICES, "organization", organization.pk, "retention"):
        return  # ten mails have said so; the trail has the rest
    admins = Membership.objects.filter(
        organization=organization, role=Membership.Role.ADMIN, user__is_active=True
    ).select_related("user")
    context = {
        "organization": organization.name,
        "months": organization.candidate_months,
        "number": sum(part.count() for part in _due(organization, begins)),
        "address": settings.BASE_URL + reverse("settings-privacy", kwargs={"organization": organization.slug}),
    }
    for admin in admins.order_by("id"):
        with languages.speaking_to(admin.user, organization):
            context["day"] = date_format(timezone.localdate(begins), "LONG_DATE_FORMAT")
            message = write_from(
                "retention",
                context,
                to=[Mailbox(admin.user.name, admin.user.email)],
                organization=organization,
                sender=sender_of(organization),
                reply_to=answers_to(organization, None),
            )
        message.send()
