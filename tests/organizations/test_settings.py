"""The organization's own settings: what admins change, recruiters read, and members do for themselves."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from organizations import members
from organizations.models import AuditEvent, DayOff, Membership, Organization, User
from tests.conftest import Team
from tests.organizations.member_forms import member_of, profile_of

pytestmark = pytest.mark.django_db

ORGANIZATION = {
    "name": "Acme & Sons",
    "time_zone": "Asia/Tokyo",
    "language": "de",
    "sender_name": "Acme Recruiting",
    "reply_to": "jobs@acme.example",
    "join_opens_minutes": "15",
    "holidays_of": "DE",
    "buffer_before": "10",
    "buffer_after": "5",
    "invitation_grouping": "interview",
    "interviewer_invitations": "mail",
}
HOURS = {"work_from": "08:30", "work_until": "16:00", "work_days": ["1", "2", "4"]}


def body(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_an_admin_changes_the_organization(as_admin: Client, team: Team) -> None:
    assert as_admin.post(team.url("settings/"), ORGANIZATION).status_code == 302
    organization = Organization.objects.get(pk=team.organization.pk)
    assert {name: str(getattr(organization, name)) for name in ORGANIZATION} == ORGANIZATION
    event = AuditEvent.objects.get(action="organization.changed")
    assert event.actor == team.admin.user
    assert set(event.detail["fields"]) == set(ORGANIZATION)


def test_what_is_wrong_is_said_and_what_was_typed_stays(as_admin: Client, team: Team) -> None:
    response = as_admin.post(team.url("settings/"), ORGANIZATION | {"reply_to": "nobody", "name": "New name"})
    page = unescape(response.content.decode())
    assert 'value="nobody"' in page
    assert 'value="New name"' in page
    assert 'aria-invalid="true"' in page
    assert Organization.objects.get(pk=team.organization.pk).name == "Acme"


def test_a_recruiter_reads_and_is_told_who_can_change(as_recruiter: Client, team: Team) -> None:
    page = body(as_recruiter, team.url("settings/"))
    assert "Ask an admin (<bdi>Admin Acme</bdi>) to change this." in page
    assert "Save changes" not in page
    assert as_recruiter.post(team.url("settings/"), ORGANIZATION).status_code == 403
    assert Organization.objects.get(pk=team.organization.pk).name == "Acme"


@pytest.mark.parametrize("path", ["settings/", "settings/members/"])
def test_interviewers_and_outsiders_do_not_see_the_settings(
    path: str, team: Team, as_interviewer: Client, as_outsider: Client, client: Client
) -> None:
    assert as_interviewer.get(team.url(path)).status_code == 403
    assert as_outsider.get(team.url(path)).status_code == 404
    assert client.get(team.url(path))["Location"].startswith("/sign-in/")


def member_posts(team: Team) -> dict[str, dict[str, object]]:
    base = f"settings/members/{team.interviewer.pk}/"
    return {
        base: {"role": "recruiter", **HOURS},
        f"{base}remove/": {},
        f"{base}days-off/": {"first_day": "2030-01-01"},
        f"{base}days-off/remove/": {"first": "2030-01-01", "last": "2030-01-01"},
    }


def test_only_admins_touch_other_members(
    team: Team, other_team: Team, as_recruiter: Client, as_outsider: Client
) -> None:
    for path, data in member_posts(team).items():
        assert as_recruiter.post(team.url(path), data).status_code == 403, path
        assert as_outsider.post(team.url(path), data).status_code == 404, path
        assert as_outsider.post(other_team.url(path), data).status_code == 404, path
    assert as_recruiter.get(team.url(f"settings/members/{team.interviewer.pk}/")).status_code == 403
    assert as_outsider.get(other_team.url(f"settings/members/{team.interviewer.pk}/")).status_code == 404
    interviewer = Membership.objects.get(pk=team.interviewer.pk)
    assert (interviewer.role, interviewer.work_days) == ("interviewer", "12345")
    assert not DayOff.objects.exists()


def test_the_members_can_be_searched_ordered_and_paged(as_recruiter: Client, team: Team) -> None:
    for number in range(60):
        user = User.objects.create_user(f"m{number:02}@acme.example", "demo", name=f"Member {number:02}")
        Membership.objects.create(organization=team.organization, user=user, role="interviewer")
    first = body(as_recruiter, team.url("settings/members/"))
    assert "63 members" in first
    assert "1 to 50 of 63" in first
    assert "Member 59" in body(as_recruiter, team.url("settings/members/?page=2"))
    assert "Member 59" in body(as_recruiter, team.url("settings/members/?order=-joined"))
    found = body(as_recruiter, team.url("settings/members/?q=M07@acme"))
    assert "Member 07" in found
    assert "1 member" in found
    assert "2 members" not in body(as_recruiter, team.url("settings/members/?role=admin"))
    assert "No members match" in body(as_recruiter, team.url("settings/members/?q=zzz"))


def test_a_list_of_members_costs_the_same_however_long(
    as_admin: Client, team: Team, django_assert_max_num_queries: object
) -> None:
    for number in range(50):
        user = User.objects.create_user(f"m{number:02}@acme.example", "demo", name=f"Member {number:02}")
        Membership.objects.create(organization=team.organization, user=user, role="interviewer")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        as_admin.get(team.url("settings/members/"))


def test_an_admin_changes_a_role(as_admin: Client, team: Team) -> None:
    as_admin.post(team.url(f"settings/members/{team.interviewer.pk}/"), member_of(team.interviewer, role="recruiter"))
    assert Membership.objects.get(pk=team.interviewer.pk).role == "recruiter"
    assert AuditEvent.objects.filter(action="member.role_changed", actor=team.admin.user).count() == 1


@pytest.mark.parametrize("role", ["recruiter", "interviewer"])
def test_the_last_admin_stays_one(role: str, as_admin: Client, team: Team) -> None:
    response = as_admin.post(team.url(f"settings/members/{team.admin.pk}/"), member_of(team.admin, role=role))
    assert "This is the last admin." in response.content.decode()
    assert as_admin.post(team.url(f"settings/members/{team.admin.pk}/remove/")).status_code == 302
    assert Membership.objects.get(pk=team.admin.pk).role == "admin"


def test_an_admin_who_can_not_sign_in_does_not_count(as_admin: Client, team: Team) -> None:
    Membership.objects.filter(pk=team.recruiter.pk).update(role="admin")
    User.objects.filter(pk=team.recruiter.user.pk).update(is_active=False)
    with pytest.raises(members.LastAdmin):
        members.change_role(membership=team.admin, role="recruiter", actor=team.admin.user)


def test_with_two_admins_one_may_go(as_admin: Client, team: Team) -> None:
    Membership.objects.filter(pk=team.recruiter.pk).update(role="admin")
    response = as_admin.post(team.url(f"settings/members/{team.admin.pk}/"), member_of(team.admin, role="interviewer"))
    assert response["Location"] == team.url("settings/profile/")
    with pytest.raises(members.LastAdmin):
        members.remove_member(membership=team.recruiter, actor=team.recruiter.user)


def test_removing_says_what_happens_and_keeps_the_account(as_admin: Client, team: Team) -> None:
    address = team.url(f"settings/members/{team.interviewer.pk}/remove/")
    assert "is removed from upcoming interviews" in body(as_admin, address)
    as_admin.post(address)
    assert not Membership.objects.filter(pk=team.interviewer.pk).exists()
    assert User.objects.filter(pk=team.interviewer.user.pk).exists()
    assert AuditEvent.objects.filter(action="member.removed").count() == 1


@pytest.mark.parametrize("who", ["admin", "interviewer"])
def test_hours_are_changed_by_admins_and_by_oneself(who: str, team: Team) -> None:
    client, is_admin = team.client(getattr(team, who)), who == "admin"
    address = f"settings/members/{team.interviewer.pk}/" if is_admin else "settings/profile/"
    fields = (member_of if is_admin else profile_of)(team.interviewer) | HOURS
    assert client.post(team.url(address), fields).status_code == 302
    assert AuditEvent.objects.get(action="member.hours_changed").actor == getattr(team, who).user
    member = Membership.objects.get(pk=team.interviewer.pk)
    assert (f"{member.work_from:%H:%M}", f"{member.work_until:%H:%M}", member.work_days) == ("08:30", "16:00", "124")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"work_until": "08:00"}, "The end must be after the start."),
        ({"work_days": []}, "Choose at least one day."),
    ],
)
def test_impossible_hours_are_refused_with_the_reason(
    wrong: dict[str, object], sentence: str, as_interviewer: Client, team: Team
) -> None:
    data = profile_of(team.interviewer) | HOURS | wrong
    response = as_interviewer.post(team.url("settings/profile/"), data)
    page = unescape(response.content.decode())
    assert sentence in page
    assert 'value="08:30"' in page
    assert Membership.objects.get(pk=team.interviewer.pk).work_days == "12345"


def test_hours_may_run_past_midnight(as_interviewer: Client, team: Team) -> None:
    """As for somebody in Bangalore who interviews for New York. Twenty hours, from 9 to 5, are a slip."""
    data = profile_of(team.interviewer) | HOURS | {"work_from": "17:30", "work_until": "01:30"}
    assert as_interviewer.post(team.url("settings/profile/"), data).status_code == 302
    member = Membership.objects.get(pk=team.interviewer.pk)
    assert (f"{member.work_from:%H:%M}", f"{member.work_until:%H:%M}") == ("17:30", "01:30")
    slip = as_interviewer.post(team.url("settings/profile/"), data | {"work_from": "09:00", "work_until": "05:00"})
    assert "The end must be after the start." in slip.content.decode()


def test_days_off_stand_together_and_go_together(as_interviewer: Client, team: Team) -> None:
    base = team.url(f"settings/members/{team.interviewer.pk}/days-off/")
    first = timezone.localdate() + timedelta(days=10)
    last = first + timedelta(days=4)
    data = {"first_day": first.isoformat(), "last_day": last.isoformat(), "note": "Wedding", "from": "profile"}
    assert as_interviewer.post(base, data)["Location"] == team.url("settings/profile/")
    as_interviewer.post(base, data)
    assert DayOff.objects.filter(membership=team.interviewer).count() == 5
    page = body(as_interviewer, team.url("settings/profile/"))
    assert page.count("Wedding") == 1
    as_interviewer.post(f"{base}remove/", {"first": first.isoformat(), "last": last.isoformat()})
    assert not DayOff.objects.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"first_day": "2030-05-02", "last_day": "2030-05-01"}, "The last day is before the first."),
        ({"first_day": "2030-01-01", "last_day": "2031-01-01"}, "This is more than 92 days."),
        ({"first_day": "2020-01-01"}, "These days are over."),
        ({"first_day": "soon"}, 'value="soon"'),
    ],
)
def test_impossible_days_off_are_refused_with_the_reason(
    data: dict[str, str], sentence: str, as_interviewer: Client, team: Team
) -> None:
    response = as_interviewer.post(team.url(f"settings/members/{team.interviewer.pk}/days-off/"), data)
    assert sentence in unescape(response.content.decode())
    assert not DayOff.objects.exists()


def test_malformed_days_to_remove_are_not_found(as_interviewer: Client, team: Team) -> None:
    address = team.url(f"settings/members/{team.interviewer.pk}/days-off/remove/")
    assert as_interviewer.post(address, {"first": "2030-02-31", "last": "x"}).status_code == 404


def test_everybody_has_a_profile(as_interviewer: Client, as_outsider: Client, team: Team) -> None:
    page = body(as_interviewer, team.url("settings/profile/"))
    assert "Working hours" in page
    assert "Members" not in page
    for path in ("profile/", "profile/password/"):
        assert as_outsider.post(team.url(f"settings/{path}")).status_code in {404, 405}


def test_one_s_name_and_password_can_be_changed(as_interviewer: Client, team: Team) -> None:
    as_interviewer.post(team.url("settings/profile/"), profile_of(team.interviewer, name="Ivy Interviewer"))
    user = User.objects.get(pk=team.interviewer.user.pk)
    assert user.name == "Ivy Interviewer"
    wrong = {"oldpassword": "wrong", "password1": "a-long-new-one-7", "password2": "a-long-new-one-7"}
    refused = as_interviewer.post(team.url("settings/profile/password/"), wrong)
    assert 'aria-invalid="true"' in refused.content.decode()
    assert "a-long-new-one-7" not in refused.content.decode()
    as_interviewer.post(team.url("settings/profile/password/"), wrong | {"oldpassword": "demo"})
    user.refresh_from_db()
    assert user.check_password("a-long-new-one-7")
    assert as_interviewer.get(team.url("settings/profile/")).status_code == 200


PROFILE = "settings/profile/"


def test_an_organization_does_not_change_a_persons_zone(as_admin: Client, team: Team, other_team: Team) -> None:
    """The person may work for others too: their bookings, conflicts and messages would change with it."""
    shared = Membership.objects.create(organization=team.organization, user=other_team.interviewer.user, role="admin")
    User.objects.filter(pk=shared.user_id).update(time_zone="Europe/Lisbon")
    member, mine = member_of(shared, time_zone="Pacific/Kiritimati"), profile_of(team.admin, time_zone="Asia/Tokyo")
    assert as_admin.post(team.url(f"settings/members/{shared.pk}/"), member | HOURS).status_code == 302
    assert as_admin.post(team.url(PROFILE), mine | {"user": str(shared.user_id)}).status_code == 302
    assert User.objects.get(pk=shared.user_id).time_zone == "Europe/Lisbon"
    page = body(as_admin, team.url(f"settings/members/{shared.pk}/"))
    assert "These times are in Lisbon" in page
    assert "Only <bdi>Interviewer Globex</bdi> can change the time zone." in page
    assert 'name="time_zone"' not in page


@pytest.mark.parametrize("who", ["admin", "recruiter", "interviewer"])
def test_a_person_changes_their_own_zone_and_each_of_their_organizations_sees_it(
    who: str, team: Team, other_team: Team
) -> None:
    user = getattr(team, who).user
    Membership.objects.create(organization=other_team.organization, user=user, role="interviewer")
    client = team.client(getattr(team, who))
    fields = profile_of(getattr(team, who), time_zone="Europe/Lisbon")
    assert client.post(team.url(PROFILE), fields)["Location"] == team.url(PROFILE)
    client.post(team.url(PROFILE), fields)
    assert not AuditEvent.objects.filter(action__in=["member.renamed", "member.hours_changed"]).exists()
    assert User.objects.get(pk=user.pk).time_zone == "Europe/Lisbon"
    rows = AuditEvent.objects.filter(action="member.time_zone_changed", actor=user)
    assert {row.organization for row in rows} == {team.organization, other_team.organization}
    assert rows.count() == 2


def test_a_zone_that_is_none_is_refused_with_the_reason(as_interviewer: Client, team: Team) -> None:
    refused = as_interviewer.post(team.url(PROFILE), profile_of(team.interviewer, time_zone="Mars/Base"))
    assert "“Mars/Base” is not a time zone." in unescape(refused.content.decode())
    assert User.objects.get(pk=team.interviewer.user.pk).time_zone == "UTC"


def test_a_zone_under_an_older_name_is_kept(as_interviewer: Client, team: Team) -> None:
    User.objects.filter(pk=team.interviewer.user.pk).update(time_zone="US/Eastern")
    assert 'value="US/Eastern"' in body(as_interviewer, team.url("settings/profile/"))
    fields = profile_of(team.interviewer, time_zone="US/Eastern")
    assert as_interviewer.post(team.url(PROFILE), fields).status_code == 302
