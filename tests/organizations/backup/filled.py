"""`python -m tests.organizations.backup.filled fill INTERVIEWS | tell`: make rows in a database, or tell what it has.

In a process of its own, because its database is another one than the tests'. `tell` prints JSON: rows by table,
secrets, and the number that the next candidate gets.
"""

from __future__ import annotations

import json
import os
import sys

import django


def fill(interviews: int) -> None:
    from benchmarks import organization
    from integrations.models import Integration
    from scheduling.models import Candidate
    from tests.conftest import make_team
    from tests.everything import one_of_each

    for slug in ("acme", "globex"):
        one_of_each(make_team(slug))
    organization.fill("many", interviews=interviews)
    Integration.objects.filter(organization__slug="acme").update(api_key="a secret that moves along")
    # The highest number was given, and its row is gone.
    last = Candidate.objects.order_by("-pk")[0]
    Candidate.objects.create(organization_id=last.organization_id, name="Gone", email="gone@acme.example").delete()


def tell() -> dict[str, object]:
    from integrations.models import Integration
    from organizations.backup.tables import all_models
    from organizations.models import AuditEvent, Organization
    from scheduling.models import Candidate

    rows = {model._meta.db_table: model._base_manager.count() for model in all_models()}
    event = AuditEvent.objects.order_by("pk")[0]
    acme = Organization.objects.get(slug="acme")
    return {
        "rows": rows,
        "keys": list(Integration.objects.order_by("pk").values_list("api_key", flat=True)),
        "event": [event.action, event.detail, event.created_at.isoformat()],
        "next": Candidate.objects.create(organization=acme, name="Next", email="next@acme.example").pk,
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]))
    else:
        print(json.dumps(tell()))
