"""Changes in the Django admin stand in the trail of the organizations concerned, without values."""

from __future__ import annotations

import pytest
from django.test import Client

from organizations.models import AuditEvent, DayOff, Membership
from organizations.trail import Trail
from tests.conftest import Team
from tests.everything import one_of_each

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser(client: Client, other_team: Team) -> Client:
    other_team.admin.user.is_staff = other_team.admin.user.is_superuser = True
    other_team.admin.user.save()
    client.force_login(other_team.admin.user)
    return client


def sentences(team: Team) -> list[str]:
    events = list(AuditEvent.objects.filter(organization=team.organization, action__startswith="admin.").order_by("id"))
    assert all(event.actor is not None for event in events)
    return [Trail(events).sentence(event) for event in events]


def test_a_changed_role_is_seen_by_its_organization(superuser: Client, team: Team, other_team: Team) -> None:
    """Repeats the attack: a superuser demoted the last admin, and the tenant's trail said nothing."""
    sent = {
        "organization": team.organization.pk,
        "user": team.admin.user.pk,
        "role": "interviewer",
        "work_from": "09:00:00",
        "work_until": "17:00:00",
        "work_days": "12345",
    }
    answer = superuser.post(f"/admin/organizations/membership/{team.admin.pk}/change/", sent)
    assert answer.status_code == 302
    assert sentences(team) == ["Django admin: changed the membership of Admin Acme: Role"]
    assert sentences(other_team) == []
    event = AuditEvent.objects.get(action="admin.member_changed")
    assert event.detail == {"model": "organizations.membership", "number": team.admin.pk, "fields": ["Role"]}


def test_a_password_that_was_set_is_seen_by_each_organization(superuser: Client, team: Team, other_team: Team) -> None:
    user = team.recruiter.user
    Membership.objects.create(organization=other_team.organization, user=user, role="recruiter")
    sent = {"password1": "Hammock-Violin-42", "password2": "Hammock-Violin-42", "usable_password": "true"}
    assert superuser.post(f"/admin/organizations/user/{user.pk}/password/", sent).status_code == 302
    for one in (team, other_team):
        [line] = sentences(one)
        assert line.startswith("Django admin: changed user of Recruiter Acme: ")
        assert "assword" in line
    assert "Hammock" not in str(list(AuditEvent.objects.values()))


def test_an_account_that_is_switched_off(superuser: Client, team: Team) -> None:
    user = team.recruiter.user
    sent = {"email": user.email, "name": user.name}
    assert superuser.post(f"/admin/organizations/user/{user.pk}/change/", sent).status_code == 302
    assert sentences(team) == ["Django admin: changed user of Recruiter Acme: May sign in"]


def test_what_is_added_and_deleted(superuser: Client, team: Team) -> None:
    sent = {"membership": team.recruiter.pk, "day": "2027-05-03", "note": "Surgery"}
    superuser.post("/admin/organizations/dayoff/add/", sent)
    day = DayOff.objects.get()
    superuser.post(
        "/admin/organizations/dayoff/",
        {"action": "delete_selected", "_selected_action": [day.pk], "post": "yes"},
    )
    assert not DayOff.objects.exists()
    superuser.post(f"/admin/organizations/membership/{team.interviewer.pk}/delete/", {"post": "yes"})
    assert sentences(team) == [
        f"Django admin: added day off {day.pk}",
        f"Django admin: deleted day off {day.pk}",
        "Django admin: removed Interviewer Acme from the organization",
    ]
    assert "Surgery" not in str(list(AuditEvent.objects.values()))


def test_the_trail_itself_is_read_only(superuser: Client, team: Team) -> None:
    event = one_of_each(team)[AuditEvent]
    assert superuser.get("/admin/organizations/auditevent/add/").status_code == 403
    assert superuser.post(f"/admin/organizations/auditevent/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert superuser.get(f"/admin/organizations/auditevent/{event.pk}/change/").status_code == 200
