"""Every address below an organization: who may, who may not, and that no row of another organization can be reached.

A new address has to be written down here before these tests pass: who may, and with an id in it, of which model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from integrations.models import CalendarCheck, CalendarConnection, KeyCheck
from jobs.models import Job, JobCoordinator, PlanInterview, Stage
from organizations.models import DirectoryToken, Domain, GroupRole, Invitation, Membership
from scheduling.models import (
    CalendarEvent,
    Candidate,
    CandidateImport,
    CodingLink,
    Interview,
    JoinLink,
    LinkRun,
    MailAnswer,
    Message,
    Schedule,
)
from tests.conftest import Team
from tests.everything import Rows, one_of_each
from tests.integrations import fake_calendar

pytestmark = pytest.mark.django_db


def names(text: str) -> list[str]:
    return text.split()


EVERYBODY = names("""
    saved-filters
    home calendar calendar-card help help-page find schedules schedule interview-join settings-roles settings-profile
    settings-profile-password settings-profile-address settings-profile-address-cancel
    settings-profile-sessions settings-profile-session-end
    settings-profile-sessions-end-others
    settings-member-days-off settings-member-days-off-remove
    own-calendar-words own-calendars own-calendar-connect own-calendar-consent own-calendar-check
    own-calendar-disconnect
""")
#: Read by all but interviewers, and nothing that changes anything.
READERS = names("""
    settings settings-two-factors settings-members settings-integrations settings-templates settings-template
    settings-template-example settings-scheduling settings-calendar-words
    jobs job schedule-communications links-progress schedule-messages
    schedule-join-links schedule-history link-history message-row candidates candidate
""")
#: Done by coordinators, too, for their jobs.
SCHEDULERS = names("""
    selected-links selected-messages selected-move job-links link-run link-run-change link-run-retry
    job-edit plan-restore stage-duplicate stage-new stage-edit stage-move stage-remove stages-order
    plan-interviews-order plan-interview-new plan-interview-edit
    plan-interview-move plan-interview-remove plan-interview-link plan-interview-template schedule-new
    schedule-day links-dialog schedule-plan schedule-move schedule-cancel schedule-delete links-add link-add link-remove
    link-retry link-choose messages-dialog messages-prepare messages-send messages-send-kept message message-html
    message-edit message-discard message-restore message-again message-arrived join-link-change interview-add
    interview-edit interview-cancel interview-person interview-time interview-link interview-undo candidate-find
    interview-call-restore calendar-event-restore calendar-event-remove calendar-event-leave mail-answer-keep
    candidate-new
    candidate-edit
""")
RECRUITERS = names("""
    settings-security job-new job-from-template job-duplicate job-state job-delete candidate-remove candidates-import
    candidates-import-example candidates-import-confirm candidates-import-columns candidates-export candidate-keep
    candidate-data outbox outbox-mail outbox-html outbox-part
    selected-export selected-delete link-run-export
""")
ADMINS = names("""
    settings-security-export settings-security-keep settings-member-sign-out settings-invitation-link
    settings-member-two-factors-remove settings-checklist settings-test-mail settings-invite-dialog
    settings-integration-try
    settings-invite settings-invitation-again settings-invitation-withdraw settings-member
    settings-member-remove settings-template-reset settings-key-check settings-key-check-again
    settings-key-check-accept settings-key-check-abandon settings-integration settings-integration-connect
    settings-integration-check settings-integration-connection settings-integration-disconnect
    settings-integration-health
    settings-integration-save settings-integration-templates
    settings-integration-webhook-secret settings-integration-webhook-secret-new
    settings-calendars settings-calendar settings-calendar-connect settings-calendar-try settings-calendar-check
    settings-calendar-check-now settings-calendar-disconnect settings-meeting-server settings-meeting-server-remove
    settings-rooms
    settings-single-sign-on settings-domain-add settings-domain-check settings-domain-remove settings-provider
    settings-provider-saml settings-provider-check settings-provider-remove settings-provider-required
    settings-directory settings-token-create settings-token-renew settings-token-end settings-default-role
    settings-group-role-add settings-group-role-remove settings-delete settings-delete-call-off
    settings-privacy erasure-try-again erasure-leave
    settings-member-data settings-former-members settings-former-member-data settings-former-member-forget
""")
#: For whoever has the address, or for signing in; each has tests of its own.
VISITORS = names("""
    healthz readyz metrics security-txt start sign-in sign-in-again sign-out password-forgotten password-new
    password-moved
    address-confirm account_reauthenticate invitation join join-enter join-meet join-calendar webhook
    calendar-notices scim
    mfa_authenticate mfa_login_webauthn mfa_reauthenticate
    mfa_reauthenticate_webauthn mfa_index mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes
    mfa_generate_recovery_codes mfa_add_webauthn mfa_remove_webauthn passkey-options
    single-sign-on single-sign-on-begin single-sign-on-callback single-sign-on-saml single-sign-on-saml-metadata
    logo accent zones
    calendar-consent-back single-sign-on-confirm account-no-way account-delete account-data
""")
#: The names by which django-allauth knows four of them.
ALIASES = names("account_login account_logout account_reset_password account_reset_password_from_key")
#: Others read these, and only admins change them.
CHANGED_BY_ADMINS = [
    "settings",
    "settings-two-factors",
    "settings-scheduling",
    "settings-template",
    "settings-calendar-words",
]

EVERYTHING = [*EVERYBODY, *READERS, *SCHEDULERS, *RECRUITERS, *ADMINS]
#: The addresses that each role may open.
OPENED = {
    "interviewer": EVERYBODY,
    "read_only": [*EVERYBODY, *READERS, "settings-security"],
    "coordinator": [*EVERYBODY, *READERS, *SCHEDULERS],
    "recruiter": [*EVERYBODY, *READERS, *SCHEDULERS, *RECRUITERS],
    "admin": EVERYTHING,
}

#: The model whose id an address has, by how the part of the address before the id ends.
MODELS: dict[str, type[models.Model]] = {
    "members/": Membership,
    "members/invitations/": Invitation,
    "domains/": Domain,
    "directory-tokens/": DirectoryToken,
    "group-roles/": GroupRole,
    "key-checks/": KeyCheck,
    "calendars/checks/": CalendarCheck,
    "profile/calendars/": CalendarConnection,
    "jobs/": Job,
    "jobs/stages/": Stage,
    "jobs/interviews/": PlanInterview,
    "jobs/links/": LinkRun,
    "schedules/": Schedule,
    "interviews/": Interview,
    "calendar-events/": CalendarEvent,
    "mail-answers/": MailAnswer,
    "links/": CodingLink,
    "privacy/links/": CodingLink,
    "messages/": Message,
    "candidates/": Candidate,
    "candidates/import/": CandidateImport,
}
OTHER_PARTS = {
    "<slug:kind>": "codesignal",
    "<slug:tool>": "codesignal",
    "<slug:page>": "user-guide",
    "<slug:rows>": "schedules",
    "<slug:name>": "some-mail",
    "<slug:template>": "screen",
    "<slug:what>": "renew",
    "<int:number>": "0",
}


#: The kinds of messages have names of their own, and so have those of calendars and of servers for video calls.
TEMPLATE = {"<slug:kind>": "candidate_invitation"}
CALENDAR = {"<slug:kind>": fake_calendar.KIND}
SERVER = {"<slug:kind>": "jitsi"}


def every_pattern(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    """Name and address of each pattern but the Django admin's, which guards its own."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from every_pattern(pattern.url_patterns, address)
        elif pattern.name:
            yield pattern.name, address


PATTERNS = dict(every_pattern(get_resolver().url_patterns))
OURS = {name: address for name, address in PATTERNS.items() if address.startswith("o/<slug:organization>/")}


@pytest.fixture(autouse=True)
def the_demos_pages_too(settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def a_calendar_vendor() -> Iterator[None]:
    with fake_calendar.fake_calendar():
        yield


@pytest.fixture
def rows(team: Team) -> Rows:
    return one_of_each(team)


def model_of(name: str) -> type[models.Model]:
    before = OURS[name].partition("<int:pk>")[0]
    return MODELS[max((end for end in MODELS if before.endswith(end)), key=len)]


def address_of(name: str, slug: str, rows: Rows) -> str:
    address = "/" + OURS[name].replace("<slug:organization>", slug)
    if "<int:pk>" in address:
        address = address.replace("<int:pk>", str(rows[model_of(name)].pk))
    address = address.replace("<int:link>", str(rows[JoinLink].pk))
    parts = OTHER_PARTS | TEMPLATE if name.startswith("settings-template") else OTHER_PARTS
    parts = parts | CALENDAR if "calendar" in name else parts | SERVER if "meeting-server" in name else parts
    for part, value in parts.items():
        address = address.replace(part, value)
    assert "<" not in address
    return address


def statuses(client: Client, address: str) -> set[int]:
    return {client.get(address).status_code, client.post(address).status_code}


def contents(rows: Rows) -> list[list[dict[str, object]]]:
    return [list(model._default_manager.order_by("pk").values()) for model in rows]


def test_each_address_is_written_down_once() -> None:
    assert sorted(EVERYTHING) == sorted(OURS)
    assert sorted([*EVERYTHING, *VISITORS, *ALIASES]) == sorted(PATTERNS)


def test_visitors_are_asked_to_sign_in(team: Team, rows: Rows) -> None:
    for name in OURS:
        address = address_of(name, team.slug, rows)
        for response in (Client().get(address), Client().post(address)):
            assert (name, response.status_code) == (name, 302)
            assert response["Location"].startswith("/sign-in/?next=/o/")


def test_outsiders_learn_nothing(team: Team, as_outsider: Client, rows: Rows) -> None:
    before = contents(rows)
    for name in OURS:
        assert (name, statuses(as_outsider, address_of(name, team.slug, rows))) == (name, {404})
    assert contents(rows) == before


@pytest.mark.parametrize("role", Membership.Role.values)
def test_another_organizations_rows_are_not_found_under_ones_own(role: str, other_team: Team, rows: Rows) -> None:
    """Asked for by members of another organization at their own address, with ids of rows of `team`."""
    client = other_team.client(other_team.add(role))
    before = contents(rows)
    not_found = {404, 405} if role == "admin" else {404, 405, 403}
    asked = [name for name, address in OURS.items() if "<int:pk>" in address]
    assert len(asked) > 50
    for name in asked:
        found = statuses(client, address_of(name, other_team.slug, rows))
        assert (name, found - not_found) == (name, set())
    assert contents(rows) == before


#: GET and POST are tried in every run. HEAD and OPTIONS tell no more, and nothing slips through as PUT or DELETE.
METHODS = [("get", "post"), pytest.param(("head", "options", "put", "patch", "delete"), marks=pytest.mark.thorough)]


@pytest.mark.parametrize("methods", METHODS, ids=["usual", "others"])
@pytest.mark.parametrize("role", OPENED)
def test_a_wrong_role_is_told_so(role: str, methods: tuple[str, ...], team: Team, rows: Rows) -> None:
    client = team.client(team.add(role))
    before = contents(rows)
    for name in set(EVERYTHING) - set(OPENED[role]):
        address = address_of(name, team.slug, rows)
        for method in methods:
            assert (name, method, getattr(client, method)(address).status_code) == (name, method, 403)
    assert contents(rows) == before


@pytest.mark.parametrize("role", ["recruiter", "read_only"])
@pytest.mark.parametrize("name", CHANGED_BY_ADMINS)
def test_others_read_what_admins_change(name: str, role: str, team: Team, rows: Rows) -> None:
    client, address = team.client(team.add(role)), address_of(name, team.slug, rows)
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "Other"}).status_code == 403


def test_those_who_only_read_change_nothing(team: Team, rows: Rows) -> None:
    """But their own profile, and the example of a template, which is drawn from a form that is never saved."""
    client = team.client(team.add("read_only"))
    before = contents(rows)
    others = dict.fromkeys(CHANGED_BY_ADMINS, 403) | {"settings-template-example": 200}
    for name in READERS:
        posted = client.post(address_of(name, team.slug, rows)).status_code
        assert (name, posted) == (name, others.get(name, 405))
    assert contents(rows) == before


@pytest.mark.parametrize("role", OPENED)
def test_those_who_may_are_let_in(role: str, team: Team, rows: Rows) -> None:
    """With GET alone: what a POST does has tests of its own."""
    client = team.client(team.add(role))
    for name in OPENED[role]:
        response = client.get(address_of(name, team.slug, rows))
        assert (name, response.status_code in {200, 302, 400, 404, 405}) == (name, True)
        assert not response.headers.get("Location", "").startswith("/sign-in/")


#: Models whose rows belong to a job. Every address with the id of one is closed to coordinators of other jobs.
OF_JOBS = {Job, Stage, PlanInterview, Schedule, Interview, CodingLink, Message, Candidate}


def test_another_jobs_rows_are_not_found_by_a_coordinator(team: Team, rows: Rows) -> None:
    """A coordinator of one job, asking with every method for rows of another job, and of none."""
    coordinator = team.add("coordinator")
    own = Job.objects.create(organization=team.organization, title="Their own")
    JobCoordinator.objects.create(job=own, membership=coordinator)
    client, before = team.client(coordinator), contents(rows)
    asked = [
        name
        for name in OPENED["coordinator"]
        if "<int:pk>" in OURS[name] and (model_of(name) in OF_JOBS or name == "join-link-change")
    ]
    assert len(asked) > 40
    for name in asked:
        address = address_of(name, team.slug, rows)
        for method in ("get", "post", "head", "put", "patch", "delete"):
            status = getattr(client, method)(address).status_code
            assert (name, method, status) in {(name, method, 404), (name, method, 405)}
        assert (name, client.get(address).status_code == 404 or client.post(address).status_code == 404) == (name, True)
    assert contents(rows) == before


def test_their_own_jobs_rows_are_found_by_a_coordinator(team: Team, rows: Rows) -> None:
    coordinator, schedule = team.add("coordinator"), rows[Schedule]
    Schedule.objects.filter(pk=schedule.pk).update(job=rows[Job].pk, stage=rows[Stage].pk)
    JobCoordinator.objects.create(job_id=rows[Job].pk, membership=coordinator)
    client = team.client(coordinator)
    for name in OPENED["coordinator"]:
        if "<int:pk>" in OURS[name] and model_of(name) in OF_JOBS and name != "interview-join":
            response = client.get(address_of(name, team.slug, rows))
            assert (name, response.status_code in {200, 204, 302}) == (name, True)


def test_what_only_changes_something_leads_to_the_page_with_its_button(team: Team, rows: Rows) -> None:
    """Opened as a page: after a sign-in, from a bookmark. For each role that may."""
    clients = {role: team.client(getattr(team, role)) for role in ("admin", "recruiter", "interviewer")}
    before, asked = contents(rows), dict.fromkeys(clients, 0)
    for role, client in clients.items():
        for name in OPENED[role]:
            address = address_of(name, team.slug, rows)
            refused = client.options(address)
            if refused.status_code != 405 or refused["Allow"] != "POST":
                continue
            asked[role] += 1
            assert (name, client.head(address).status_code) == (name, 405)
            led = client.get(address)
            assert (name, led.status_code) == (name, 302)
            # What is delicate asks first who it is.
            assert (name, client.get(led["Location"], follow=True).status_code) == (name, 200)
    assert asked["admin"] > 30 and asked["recruiter"] > 15 and asked["interviewer"] > 4
    assert contents(rows) == before
