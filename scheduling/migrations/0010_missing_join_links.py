"""Join links were made when somebody first looked. Whoever is in an interview that is still to come gets one now."""

import hashlib
import secrets
from collections.abc import Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

AT_ONCE = 1000


def make_missing(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    join_links = apps.get_model("scheduling", "JoinLink").objects
    coming = {"interview__state": "scheduled", "interview__ends_at__gt": timezone.now()}
    there = set(join_links.filter(**coming).values_list("interview", "membership"))
    batch = []
    for organization, interview, membership in _people(apps):
        if (interview, membership) in there:
            continue
        batch.append(_link(apps, organization, interview, membership))
        if len(batch) == AT_ONCE:
            join_links.bulk_create(batch)
            batch = []
    join_links.bulk_create(batch)


def _people(apps: Apps) -> Iterator[tuple[int, int, int | None]]:
    """Organization, interview and membership; None for the candidate."""
    now = timezone.now()
    interviews = apps.get_model("scheduling", "Interview").objects.filter(state="scheduled", ends_at__gt=now)
    for pk, organization in list(interviews.order_by("pk").values_list("pk", "organization")):
        yield organization, pk, None
    seats = apps.get_model("scheduling", "Seat").objects.filter(interview__in=interviews.values("pk"))
    yield from list(seats.order_by("pk").values_list("interview__organization", "interview", "membership"))


def _link(apps: Apps, organization: int, interview: int, membership: int | None) -> Any:
    token = secrets.token_urlsafe(24)
    return apps.get_model("scheduling", "JoinLink")(
        organization_id=organization,
        interview_id=interview,
        membership_id=membership,
        token=token,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
    )


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0009_chains")]
    operations = [migrations.RunPython(make_missing, migrations.RunPython.noop)]
