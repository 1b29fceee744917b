"""The Django admin, walked: every list, page, search and filter, by those who may and those who may not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.functional import Promise

from benchmarks.organization import fill
from organizations import lists
from organizations.admin_base import ListedAdmin
from organizations.admin_site import SECTIONS, PanelistAdminSite, Section
from organizations.lists import MOST_LISTED
from organizations.models import AuditEvent, Organization, Session, User
from organizations.secret_fields import SecretTextField
from organizations.tasks import refresh_statistics
from scheduling.models import (
    CalendarEntry,
    Candidate,
    CodingLink,
    Interview,
    InterviewerAssignment,
    JoinLink,
    LinkEvent,
    Message,
    Schedule,
)
from tests.conftest import Team
from tests.everything import API_KEY, JOIN_TOKEN, Rows, one_of_each
from tests.reading import reading
from tests.scheduling.loops import connect, make_link, make_loop
from tests.test_admin import OURS, address
from tests.test_admin_lookups import REGISTERED

pytestmark = pytest.mark.django_db

SECRET = "secret-that-nobody-may-read"
#: The tables that grow with use.
GROWING = (
    AuditEvent, CalendarEntry, Candidate, CodingLink, Interview, InterviewerAssignment, JoinLink, LinkEvent, Message,
    Schedule,
)  # fmt: skip
#: For whoever is signed in, what they may, the rows and what these name. Never by the number of rows.
MOST_QUERIES = 12
#: A row's page has the names of all that the row leads to, and one list for each kind of row that leads to it.
MOST_QUERIES_OF_A_PAGE = 45


def client_of(email: str, **fields: Any) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(email, "demo", name="Somebody", is_staff=True, **fields))
    return client


@pytest.fixture
def superuser(db: None) -> Client:
    return client_of("root@example.com", is_superuser=True)


def everything(team: Team) -> Rows:
    """One row of every registered model, also of those that other packages bring."""
    user = team.recruiter.user
    name = team.organization.slug
    others: list[models.Model] = [
        EmailAddress.objects.create(user=user, email=f"second@{name}.example"),
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": SECRET}),
        SocialAccount.objects.create(user=user, provider=name, uid="1", extra_data={"a": SECRET}),
        Group.objects.create(name=f"Support of {name}"),
    ]
    rows = one_of_each(team) | {type(row): row for row in others}
    return {model: row for model, row in rows.items() if admin.site.is_registered(model)}


def queries(client: Client, page: str, **data: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert (page, data, client.get(page, data).status_code) == (page, data, 200)
    return len(asked)


def test_each_model_has_a_section_and_a_name_that_can_be_translated() -> None:
    site = admin.site
    assert isinstance(site._wrapped, PanelistAdminSite)  # type: ignore[attr-defined]
    for model in REGISTERED:
        mine, opts = site.get_model_admin(model), model._meta
        assert isinstance(mine, ListedAdmin)
        assert mine.section in SECTIONS
        assert not str(opts.verbose_name_plural).endswith(("ys", "offs", "histors", "chs"))
        assert isinstance(opts.verbose_name, Promise), opts.label
        assert isinstance(opts.verbose_name_plural, Promise), opts.label


def test_each_label_of_a_list_and_a_page_can_be_translated() -> None:
    """A column's own name, made of its Python name, is English and often cryptic."""
    bare = []
    for model in OURS:
        mine: Any = admin.site.get_model_admin(model)
        for name in {*mine.list_display, *_flat(mine.fields or ()), *_fieldset_names(mine)}:
            field = next((one for one in model._meta.get_fields() if one.name == name), None)
            label = getattr(field, "verbose_name", None) or getattr(
                getattr(mine, name, None), "short_description", None
            )
            if name != "id" and label is not None and not isinstance(label, Promise):
                bare.append(f"{model._meta.label}.{name}")
    assert sorted(bare) == []


def _flat(names: Any) -> Iterator[str]:
    for name in names:
        yield from ([name] if isinstance(name, str) else name)


def _fieldset_names(mine: Any) -> Iterator[str]:
    for _title, options in mine.fieldsets or ():
        yield from _flat(options["fields"])


def test_the_index_is_grouped_by_what_a_supporter_does(superuser: Client) -> None:
    sections = {one["app_label"]: [model["object_name"] for model in one["models"]] for one in _sections(superuser)}
    assert list(sections) == [section.value for section in Section]
    assert {"CodingLink", "Integration", "JoinLink"} <= set(sections["links"])
    assert {"Attempt", "Submission", "VendorSnapshot", "VendorEvent"} <= set(sections["diagnostics"])
    assert sum(map(len, sections.values())) == len(admin.site._registry)


def _sections(client: Client) -> Any:
    return client.get(reverse("admin:index")).context["app_list"]


def test_every_list_and_page_opens_within_a_bound_of_queries(superuser: Client, team: Team, other_team: Team) -> None:
    rows = everything(team)
    lists = {model: queries(superuser, address(model, "changelist")) for model in rows}
    pages = {model: queries(superuser, address(model, "change", row.pk)) for model, row in rows.items()}
    for model, row in rows.items():
        assert superuser.get(address(model, "history", row.pk)).status_code == 200
    assert {model._meta.label: count for model, count in lists.items() if count > MOST_QUERIES} == {}
    assert {model._meta.label: count for model, count in pages.items() if count > MOST_QUERIES_OF_A_PAGE} == {}

    everything(other_team)
    again = {model: queries(superuser, address(model, "changelist")) for model in rows}
    assert {model._meta.label: (lists[model], again[model]) for model in rows if again[model] > lists[model]} == {}


def test_no_list_reads_more_because_there_is_more(superuser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_LISTED", 60)
    costs = []
    for size in (600, 3000):
        fill(f"size-{size}", interviews=size)
        refresh_statistics()
        cost = {}
        for model in GROWING:
            with reading() as found:
                assert superuser.get(address(model, "changelist")).status_code == 200
            cost[model] = max(one.read for one in found.statements)
        costs.append(cost)
    few, many = costs
    assert {model: (few[model], read) for model, read in many.items() if read > 1.2 * few[model] + 400} == {}


def test_every_filter_and_search_answers(superuser: Client, team: Team) -> None:
    tried = 0
    for model, row in everything(team).items():
        page = address(model, "changelist")
        listed = superuser.get(page).context["cl"]
        for spec in listed.filter_specs:
            labels = []
            for choice in spec.choices(listed):
                labels.append(str(choice["display"]))
                answer = superuser.get(f"{page}{choice['query_string']}")
                assert (page, choice["query_string"], answer.status_code) == (page, choice["query_string"], 200)
                tried += 1
            assert len(set(labels)) == len(labels), (page, labels)
        for words in ("ada", "ada@example.com", "nobody@example.com", str(row.pk), "9" * 40, "\U0010ffff", "'%_"):
            assert queries(superuser, page, q=words) <= 2 * MOST_QUERIES
    assert tried > 60


def test_whoever_may_nothing_sees_nothing(team: Team) -> None:
    staff = client_of("staff@example.com")
    assert _sections(staff) == []
    for model, row in everything(team).items():
        for page in (address(model, "changelist"), address(model, "change", row.pk), address(model, "history", row.pk)):
            assert (page, staff.get(page).status_code) == (page, 403)


def test_whoever_may_look_at_one_model_sees_no_other(team: Team) -> None:
    rows = everything(team)
    user = User.objects.create_user("staff@example.com", "demo", name="Staff", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_schedule"))
    staff = Client()
    staff.force_login(user)
    [section] = _sections(staff)
    assert [model["object_name"] for model in section["models"]] == ["Schedule"]
    page = staff.get(address(Schedule, "change", rows[Schedule].pk))
    assert (page.status_code, page.context["related_lists"], page.context["row_actions"]) == (200, [], [])


def test_a_secret_is_on_no_page_whichever_column_it_is_in(superuser: Client, team: Team) -> None:
    rows = everything(team)
    named = {"data", "url", "choices", "feedback", "subject_source", "body_source", "text", "html", "content", "pasted"}
    named |= {"token_hash", "handed_hash", "extra_data", "token", "templates", "known_ids"}
    for model, row in rows.items():
        for field in model._meta.concrete_fields:
            if isinstance(field, SecretTextField) or (field.name in named and model.__name__ != "ChangeReason"):
                _plant(row, field)
    lists = [address(model, "changelist") for model in rows]
    pages = [address(model, page, row.pk) for model, row in rows.items() for page in ("change", "history")]
    for page in [*lists, *pages, reverse("admin:index")]:
        shown = superuser.get(page).content.decode()
        assert [(page, secret) for secret in (SECRET, JOIN_TOKEN, API_KEY) if secret in shown] == []


def _plant(row: models.Model, field: Any) -> None:
    """Write a secret into a column, past everything that would refuse it."""
    if isinstance(row, AuditEvent):
        return
    value: Any = [SECRET] if isinstance(field, models.JSONField) else SECRET
    if isinstance(field, models.URLField):
        value = f"https://tool.test/{SECRET}"
    type(row)._base_manager.filter(pk=row.pk).update(**{field.name: value})


def test_an_organizations_page_leads_to_what_it_has(superuser: Client, team: Team) -> None:
    rows = everything(team)
    page = superuser.get(address(Organization, "change", team.organization.pk)).content.decode()
    names = ("Membership", "Integration", "Job", "Schedule")
    for model in (model for model in rows if model.__name__ in names):
        assert f'href="{address(model, "change", rows[model].pk)}"' in page
        assert f'href="{address(model, "changelist")}?organization__id__exact={team.organization.pk}"' in page
    listed = superuser.get(address(Schedule, "changelist"), {"organization__id__exact": team.organization.pk})
    assert "Only those of <bdi>Acme</bdi>." in listed.content.decode()


def test_a_list_on_a_page_is_cut(superuser: Client, team: Team) -> None:
    for number in range(25):
        make_loop(team, "Coding", email=f"{number}@example.com")
    page = superuser.get(address(Organization, "change", team.organization.pk))
    [schedules] = [one for one in page.context["related_lists"] if one.title == "Schedules"]
    assert (len(schedules.rows), schedules.is_cut) == (20, True)
    assert "The first 20 are shown." in page.content.decode()


def test_a_schedules_page_tells_its_links_history(superuser: Client, team: Team) -> None:
    interview = make_loop(team, "Coding").interviews.get()
    link = make_link(interview, connect(team), "failed", problem_code="email_refused")
    LinkEvent.objects.create(
        link=link, from_state="creating", to_state="failed", code="refused", params={"because": "email_refused"}
    )
    page = superuser.get(address(Schedule, "change", interview.schedule_id)).content.decode()
    for words in ("Refused by CodeSignal.", "CodeSignal did not accept the candidate", "Action needed", "Coding"):
        assert words in page


def test_a_persons_page_has_memberships_sessions_and_second_factors(superuser: Client, team: Team) -> None:
    everything(team)
    user = team.recruiter.user
    Client().force_login(user)
    page = superuser.get(address(User, "change", user.pk))
    titles = [one.title for one in page.context["related_lists"]]
    assert titles == ["Memberships", "Sessions", "Second factors", "Email addresses"]
    assert all(one.rows for one in page.context["related_lists"])


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("ada@example.com", True),
        ("ADA@EXAMPLE.COM", True),
        ("ada", True),
        ("ada osei", True),
        ("osei", False),
        ("ada@example", False),
    ],
)
@pytest.mark.parametrize("name", ["Candidate", "Schedule", "Interview", "CodingLink", "Message", "JoinLink"])
def test_a_candidate_is_found_by_address_or_the_beginning_of_the_name(
    name: str, words: str, is_found: bool, superuser: Client, team: Team
) -> None:
    model, row = next((model, row) for model, row in everything(team).items() if model.__name__ == name)
    found = superuser.get(address(model, "changelist"), {"q": words}).context["cl"].result_list
    assert (row in found) == is_found


def test_a_link_is_found_by_its_id_at_the_tool(superuser: Client, team: Team) -> None:
    interview = make_loop(team, "Coding").interviews.get()
    link = make_link(interview, connect(team), "ready", external_id="live-4711")
    found = superuser.get(address(CodingLink, "changelist"), {"q": "live-4711"}).context["cl"].result_list
    assert list(found) == [link]


def test_a_list_counts_to_a_bound(superuser: Client, team: Team) -> None:
    here = team.organization
    Candidate.objects.bulk_create(Candidate(organization=here, name=f"C {n}") for n in range(MOST_LISTED + 5))
    with CaptureQueriesContext(connection) as asked:
        page = superuser.get(address(Candidate, "changelist"))
    assert page.context["cl"].result_count == MOST_LISTED
    assert f"The list ends after {MOST_LISTED} rows." in page.content.decode()
    counts = [one["sql"] for one in asked if "COUNT(" in one["sql"] and "scheduling_candidate" in one["sql"]]
    assert counts
    assert all("LIMIT" in sql for sql in counts)


def act(client: Client, model: type[models.Model], action: str, *rows: models.Model, **more: str) -> list[str]:
    """Press an action, and return what the page says then."""
    sent = {"action": action, "_selected_action": [row.pk for row in rows], "index": "0"} | more
    answer = client.post(address(model, "changelist"), sent, follow=True)
    return [str(one) for one in answer.context["messages"]] if answer.context else []


def told(team: Team) -> list[tuple[str, Any]]:
    events = AuditEvent.objects.filter(organization=team.organization).order_by("pk")
    return [(event.action, event.actor.email if event.actor else None) for event in events]


def test_a_failed_link_is_tried_again_and_the_trail_says_by_whom(superuser: Client, team: Team) -> None:
    schedule = make_loop(team, "Coding", "System design")
    first, second = schedule.interviews.all()
    integration = connect(team)
    failed = make_link(first, integration, "failed", candidate_name="Ada Osei", problem_code="email_refused")
    ready = make_link(second, integration, "ready", candidate_name="Ada Osei")
    page = superuser.get(address(CodingLink, "change", failed.pk)).content.decode()
    assert ">Try link again</button>" in page

    said = act(superuser, CodingLink, "try_again", failed, ready)
    assert said == [
        "Ada Osei: nothing to try again. The link's state is “Ready”.",
        "Ada Osei: trying again. Reload the page to see the result.",
    ]
    failed.refresh_from_db()
    assert (failed.state, failed.problem_code) == ("pending", "")
    event = failed.events.get(code="retried")
    assert event.actor is not None
    assert event.actor.email == "root@example.com"
    assert told(team) == [("admin.link_retried", "root@example.com")]


def test_a_button_comes_back_to_its_page(superuser: Client, team: Team) -> None:
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "failed")
    sent = {"action": "try_again", "_selected_action": link.pk, "index": "0", "from_row": "1"}
    answer = superuser.post(address(CodingLink, "changelist"), sent)
    assert (answer.status_code, answer["Location"]) == (302, address(CodingLink, "change", link.pk))


def test_a_link_of_a_tool_that_is_not_connected_waits(superuser: Client, team: Team) -> None:
    integration = connect(team, state="disconnected")
    link = make_link(make_loop(team, "Coding").interviews.get(), integration, "failed", candidate_name="Ada")
    assert act(superuser, CodingLink, "try_again", link) == ["Ada: CodeSignal is not connected."]
    link.refresh_from_db()
    assert (link.state, told(team)) == ("failed", [])


def test_a_key_is_checked_and_the_trail_says_by_whom(superuser: Client, team: Team) -> None:
    integration = connect(team)
    said = act(superuser, type(integration), "check_key_now", integration)
    assert said == ["Checking the CodeSignal key of Acme. Reload the page to see the result."]
    said = act(superuser, type(integration), "check_key_now", integration)
    assert said == ["The CodeSignal key of Acme is being checked already."]
    integration.refresh_from_db()
    assert integration.check_asked_at is not None
    assert told(team) == [("admin.key_check_asked", "root@example.com")]


def test_somebody_is_signed_out_everywhere(superuser: Client, team: Team, mailoutbox: list[Any]) -> None:
    user = team.recruiter.user
    browser = Client()
    browser.force_login(user)
    assert act(superuser, User, "sign_out_everywhere", user) == [f"{user.email} is signed out everywhere."]
    assert not Session.objects.filter(user=user).exists()
    assert browser.get(team.url("schedules/")).status_code == 302
    assert told(team) == [("member.signed_out", "root@example.com")]
    assert act(superuser, User, "sign_out_everywhere", user) == [f"{user.email} is not signed in anywhere."]


@pytest.mark.parametrize(
    ("model", "action", "right"),
    [(CodingLink, "try_again", "codinglink"), (User, "sign_out_everywhere", "user")],
)
def test_nobody_acts_who_may_only_look(model: type[models.Model], action: str, right: str, team: Team) -> None:
    rows = everything(team)
    CodingLink.objects.update(state="failed")
    staff = User.objects.create_user("staff@example.com", "demo", name="Staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename=f"view_{right}"))
    client = Client()
    client.force_login(staff)
    before = told(team)
    assert client.get(address(model, "change", rows[model].pk)).context["row_actions"] == []
    act(client, model, action, rows[model])
    assert told(team) == before
    assert not LinkEvent.objects.filter(code="retried").exists()
    assert Message.objects.exists()
