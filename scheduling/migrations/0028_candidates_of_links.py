"""Give each link its candidate, also where its schedule is deleted; empty what is left of people who are gone."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Lower

#: Nothing is on its way to the vendor, or back.
_OVER = ["failed", "finished", "cancelled", "expired"]


def fill(apps: Any, _schema_editor: Any) -> None:
    links, people = (apps.get_model("scheduling", name).objects for name in ("CodingLink", "Candidate"))
    interviews = apps.get_model("scheduling", "Interview").objects.filter(pk=OuterRef("interview"))
    with_interview = links.filter(interview__isnull=False)
    with_interview.update(candidate=Subquery(interviews.values("schedule__candidate")[:1]))
    # Without an interview only the address is left to go by.
    same = people.annotate(address=Lower("email")).filter(
        organization=OuterRef("organization"), address=OuterRef("candidate_key")
    )
    alone = links.filter(interview__isnull=True, candidate__isnull=True)
    alone.exclude(candidate_key__in=["", "-"]).update(candidate=Subquery(same.order_by("id").values("pk")[:1]))
    gone = links.filter(interview__isnull=True, candidate__isnull=True, state__in=_OVER)
    gone.update(candidate_name="", candidate_email="", candidate_key="", feedback=[], known_ids=None)
    # Only needed for a minute; kept until now.
    apps.get_model("scheduling", "VendorSnapshot").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0027_erasures")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
