"""For each model of an organization it is decided what a coordinator of some jobs has of it."""

from __future__ import annotations

import pytest
from django.apps import apps

from organizations.access import Access
from organizations.hooks.job_limits import LIMITS
from tests.conftest import Team
from tests.everything import one_of_each

#: Nothing of them: invitations, keys, domains and directories are the admins', imports the recruiters'; the rest is
#: read without `Access`.
CLOSED = {
    *("Invitation", "KeyCheck", "IntegrationDay", "Domain", "IdentityProvider", "Logo"),
    *("Directory", "DirectoryGroup", "DirectoryToken", "DirectoryUser", "GroupRole"),
    *("CandidateImport", "ColumnMatch", "ChangeReason", "MessageTemplate"),
    *("CalendarConnection", "CalendarCheck", "CalendarWords", "MemberCalendar", "CalendarTime"),
}


def test_each_model_is_limited_or_closed() -> None:
    models = [
        model
        for model in apps.get_models()
        if any(field.name == "organization" for field in model._meta.get_fields() if field.concrete)
    ]
    assert len(models) > 15
    assert {model.__name__ for model in models} == {model.__name__ for model in LIMITS} | CLOSED
    assert not {model.__name__ for model in LIMITS} & CLOSED


@pytest.mark.django_db
def test_a_coordinator_without_a_job_has_only_what_belongs_to_none(team: Team) -> None:
    one_of_each(team)
    coordinator = team.add("coordinator")
    access = Access(team.organization, coordinator.user, coordinator)
    assert {model.__name__ for model in LIMITS if access.all(model).exists()} == {
        *("Integration", "MeetingServer", "Membership", "Room"),
    }
    assert all(access.whole(model).exists() for model in LIMITS)
