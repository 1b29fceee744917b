"""Service accounts and consents: what they may do, and what each refusal means."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import logging
import pickle
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from pytest_django import Settings

from integrations.base import CredentialsRejected, Gone, Operation, Refused, Verdict
from integrations.calendar_entries import ConsentRequest, Credentials
from integrations.calendar_registry import CALENDARS
from integrations.calendars import CalendarRef, Notice, Notices
from integrations.google import notices
from integrations.google.addresses import PERSON_SCOPES, SCOPE_EVENTS, SCOPE_LIST, SCOPE_ROOMS, WORKSPACE_SCOPES
from integrations.google.calendar import PersonCalendar, WorkspaceCalendar
from integrations.google.tokens import store
from integrations.google.vendor import google_trial_credentials, person_calendar, workspace_calendar
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Access
from integrations.sandbox.google.accounts import SCOPES
from tests.integrations.google.conftest import ADMIN, BERLIN, BOB, IVY, OUR_ID, ROOM, WINDOW, at, event

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

BACK = "https://panelist.example.com/calendars/google/back/"
VERIFIER = "v" * 43


def challenge() -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def code_of(ask: Callable[[], object]) -> str:
    with pytest.raises((CredentialsRejected, Refused)) as problem:
        ask()
    return problem.value.code


# A Workspace


def test_a_workspace_is_checked(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    account = workspace.check()
    assert (account.id, account.name, account.calendars) == ("example.com", "example.com", ())
    assert account.permissions == dict.fromkeys(WORKSPACE_SCOPES, Verdict.YES)
    assert sandbox.calendars.live(ADMIN) == [], "a check leaves nothing behind"


def test_a_scope_that_is_not_delegated_is_named(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    sandbox.google.accounts.delegated = SCOPES - {SCOPE_ROOMS}
    assert workspace.check().missing() == [SCOPE_ROOMS]
    assert workspace.info.missing(workspace.check()) == [], "rooms are extra"
    with pytest.raises(Refused, match="rooms_denied"):
        workspace.list_rooms()
    assert workspace.put_event(IVY, event()).our_id == OUR_ID
    sandbox.google.accounts.delegated = frozenset()
    store.clear()
    assert code_of(workspace.check) == "not_delegated"
    assert code_of(lambda: workspace.changes(IVY, WINDOW, BERLIN)) == "not_delegated"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service_account": "{}"}, "key_malformed"),
        ({"service_account": "not JSON"}, "key_malformed"),
        ({"service_account": ""}, "key_malformed"),
        ({"admin": "nobody@example.com"}, "admin_unknown"),
    ],
)
def test_wrong_credentials_of_a_workspace_say_why(sandbox: Sandbox, changes: Credentials, code: str) -> None:
    good = {"service_account": sandbox.google.make_service_account(), "admin": ADMIN}
    assert code_of(workspace_calendar({**good, **changes}).check) == code


def test_a_key_that_is_not_the_accounts_is_rejected(sandbox: Sandbox) -> None:
    mine, other = (json.loads(sandbox.google.make_service_account()) for _ in range(2))
    swapped = json.dumps({**mine, "private_key": other["private_key"]})
    assert code_of(workspace_calendar({"service_account": swapped, "admin": ADMIN}).check) == "key_rejected"
    broken = json.dumps({**mine, "private_key": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"})
    assert code_of(workspace_calendar({"service_account": broken, "admin": ADMIN}).check) == "key_malformed"


def test_a_deleted_service_account_ends_every_calendar(sandbox: Sandbox) -> None:
    key = sandbox.google.make_service_account()
    workspace = workspace_calendar({"service_account": key, "admin": ADMIN})
    workspace.changes(IVY, WINDOW, BERLIN)
    sandbox.google.accounts.delete_service_account(json.loads(key)["client_email"])
    assert code_of(lambda: workspace.changes(IVY, WINDOW, BERLIN)) == "key_rejected"


def test_an_unknown_person_does_not_end_the_connection(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    assert workspace.calendar_of("nobody@example.com") is None
    with pytest.raises(Gone) as gone:
        workspace.changes("nobody@example.com", WINDOW, BERLIN)
    assert gone.value.code == "person_unknown"
    assert workspace.calendar_of(" Ivy@Example.com") == CalendarRef(IVY, IVY, IVY, is_main=True, can_write=True)


def test_a_person_of_another_company_does_not_end_the_connection(
    sandbox: Sandbox, workspace: WorkspaceCalendar
) -> None:
    """Google answers `unauthorized_client` for an address outside of the Workspace, as if nothing were delegated."""
    assert workspace.calendar_of("ann@other.example") is None
    assert workspace.calendar_of(IVY) is not None
    with pytest.raises(Gone):
        workspace.put_event("ann@other.example", event())


def test_rooms_are_listed_by_name(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    sandbox.calendars.add_person("c_2@resource.calendar.google.com", "Alto", is_room=True)
    assert [(room.name, room.id) for room in workspace.list_rooms()] == [
        ("Alto", "c_2@resource.calendar.google.com"),
        ("Aurora", ROOM),
    ]
    sandbox.calendars.add(ROOM, "Booked", at(5), at(5, 10))
    assert len(workspace.changes(ROOM, WINDOW, BERLIN).occurrences) == 1


@pytest.mark.parametrize("reason", ["accessNotConfigured", "forbidden"])
def test_rooms_that_cannot_be_told_end_nothing(sandbox: Sandbox, workspace: WorkspaceCalendar, reason: str) -> None:
    sandbox.google.rooms_refused_for = reason
    with pytest.raises(Refused, match="rooms_denied"):
        workspace.list_rooms()
    account = workspace.check()
    assert account.missing() == []
    assert account.permissions[SCOPE_ROOMS] is Verdict.UNKNOWN


def test_one_token_serves_many_requests(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    for _ in range(3):
        workspace.changes(IVY, WINDOW, BERLIN)
    assert sum(each.operation == "token" for each in sandbox.google.log.records()) == 1
    sandbox.google.accounts.end_access_tokens()
    workspace.changes(IVY, WINDOW, BERLIN)
    assert sum(each.operation == "token" for each in sandbox.google.log.records()) == 2


def test_a_key_never_chooses_where_it_is_sent(sandbox: Sandbox) -> None:
    key = json.loads(sandbox.google.make_service_account())
    assert key["token_uri"] == "http://127.0.0.1:9/elsewhere"
    workspace = workspace_calendar({"service_account": json.dumps(key), "admin": ADMIN})
    assert workspace.calendar_of(IVY) is not None


def test_the_trial_connects_where_there_is_a_stand_in(sandbox: Sandbox, settings: Settings) -> None:
    workspace = workspace_calendar(google_trial_credentials())
    assert workspace.check().missing() == []
    settings.GOOGLE_STAND_IN_URL = ""
    assert google_trial_credentials() == {}


def test_each_request_waits_for_its_slot(sandbox: Sandbox) -> None:
    slots: list[Operation] = []

    def wait(operation: Operation) -> None:
        slots.append(operation)

    own = person_calendar({"refresh_token": sandbox.google.consent_of(IVY)}, pacer=wait)
    own.put_event(IVY, event())
    own.put_event(IVY, event(revision=2))
    own.changes(IVY, WINDOW, BERLIN)
    assert slots == ["write", "write", "read", "write", "read"]


# One person


def test_a_persons_account_is_checked(sandbox: Sandbox, own: PersonCalendar) -> None:
    world = sandbox.calendars
    world.add_calendar(IVY, "Team", id="team@group.example")
    world.add_calendar(IVY, "Read", id="read@group.example")
    world.set_access("read@group.example", Access.READ)
    world.add_calendar(IVY, "Hidden", id="hidden@group.example")
    world.set_access("hidden@group.example", Access.BUSY_ONLY)
    account = own.check()
    assert (account.id, account.name) == (IVY, IVY)
    assert account.permissions == dict.fromkeys(PERSON_SCOPES, Verdict.YES)
    assert [(each.id, each.owner, each.is_main, each.can_write) for each in account.calendars] == [
        (IVY, IVY, True, True),
        ("read@group.example", "", False, False),
        ("team@group.example", "", False, True),
    ]
    assert own.calendar_of(BOB) is None
    found = own.calendar_of("IVY@example.com")
    assert found is not None
    assert found.id == IVY


def test_a_box_that_was_not_ticked_is_named(sandbox: Sandbox) -> None:
    token = sandbox.google.consent_of(IVY, scopes=frozenset(PERSON_SCOPES) - {SCOPE_EVENTS})
    own = person_calendar({"refresh_token": token})
    assert own.check().missing() == [SCOPE_EVENTS]
    assert code_of(lambda: own.changes(IVY, WINDOW, BERLIN)) == "scopes_missing"
    token = sandbox.google.consent_of(IVY, scopes=frozenset({SCOPE_EVENTS}))
    assert code_of(person_calendar({"refresh_token": token}).check) == "consent_incomplete"


def test_a_consent_that_ended_says_connect_again(sandbox: Sandbox, own: PersonCalendar, settings: Settings) -> None:
    sandbox.google.revoke(IVY)
    assert code_of(own.check) == "reconnect"
    settings.GOOGLE_CLIENT_SECRET = ""
    settings.GOOGLE_CLIENT_ID = "other"
    assert code_of(person_calendar({"refresh_token": "x"}).check) == "client_rejected"


def test_a_new_refresh_token_is_kept(sandbox: Sandbox) -> None:
    sandbox.google.accounts.renews_refresh_tokens = True
    kept: list[Mapping[str, str]] = []
    first = sandbox.google.consent_of(IVY)
    own = person_calendar({"refresh_token": first}, keep=kept.append)
    own.changes(IVY, WINDOW, BERLIN)
    own.changes(IVY, WINDOW, BERLIN)
    (credentials,) = kept
    assert credentials["refresh_token"] != first
    assert person_calendar(credentials).check().id == IVY


def browse(
    sandbox: Sandbox, method: str, address: str, form: Mapping[str, object] | None = None
) -> tuple[int, str, str]:
    """Status, Location and text of a page, as a browser on the sandbox's own pages gets them."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
    body = urlencode(form or {}, doseq=True)
    connection.request(method, f"{parts.path}?{parts.query}", body, {"Sec-Fetch-Site": "same-origin"})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, response.headers.get("Location", ""), text


def agreed(sandbox: Sandbox, **changes: object) -> dict[str, list[str]]:
    """The query that a person comes back with from the page of consent."""
    consent = CALENDARS["google"].consent
    assert consent is not None
    address = consent.address(ConsentRequest("state-1", challenge(), BACK, IVY))
    status, _location, text = browse(sandbox, "GET", address)
    assert status == 200
    assert "ivy@example.com" in text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    form = {**asked, "account": IVY, "granted": list(PERSON_SCOPES), "answer": "agree", **changes}
    status, location, _text = browse(sandbox, "POST", "/google/consent", form)
    assert status == 303
    assert location.startswith(BACK)
    return parse_qs(urlsplit(location).query)


def exchange(code: str, verifier: str = VERIFIER, back: str = BACK) -> Credentials:
    consent = CALENDARS["google"].consent
    assert consent is not None
    return consent.exchange(code, verifier, back)


def test_a_person_agrees_and_is_connected(sandbox: Sandbox) -> None:
    query = agreed(sandbox)
    assert query["state"] == ["state-1"]
    credentials = exchange(query["code"][0])
    assert person_calendar(credentials).check().id == IVY
    revoke = CALENDARS["google"].revoke
    assert revoke is not None
    revoke(credentials)
    revoke(credentials)
    store.clear()
    assert code_of(person_calendar(credentials).check) == "reconnect"


def test_a_code_is_good_once_and_for_who_asked(sandbox: Sandbox) -> None:
    assert agreed(sandbox, answer="deny")["error"] == ["access_denied"]
    assert code_of(lambda: exchange(agreed(sandbox)["code"][0], verifier="w" * 43)) == "consent_failed"
    assert code_of(lambda: exchange(agreed(sandbox)["code"][0], back="https://other.example/")) == "consent_failed"
    code = agreed(sandbox)["code"][0]
    exchange(code)
    assert code_of(lambda: exchange(code)) == "consent_failed"
    assert code_of(lambda: exchange(agreed(sandbox, granted=[SCOPE_EVENTS])["code"][0])) == "consent_incomplete"


def test_the_page_of_consent_takes_no_form_of_another_site(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
    connection.request("POST", "/google/consent", "answer=agree", {"Sec-Fetch-Site": "cross-site"})
    assert connection.getresponse().status == 403
    connection.close()
    assert browse(sandbox, "GET", "/google/o/oauth2/v2/auth?client_id=x")[0] == 400


def test_consent_is_offered_with_a_client_only(settings: Settings) -> None:
    consent = CALENDARS["google"].consent
    assert consent is not None
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "client", ""
    assert not consent.is_offered()
    settings.GOOGLE_CLIENT_SECRET = "secret"
    settings.GOOGLE_STAND_IN_URL = ""
    assert consent.is_offered()
    address = consent.address(ConsentRequest("s", challenge(), BACK))
    assert address.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    query = parse_qs(urlsplit(address).query)
    assert query["scope"] == [" ".join(PERSON_SCOPES)]
    assert (query["access_type"], query["prompt"]) == (["offline"], ["consent"])
    assert SCOPE_LIST in query["scope"][0]


# The form, secrets, and calls about changes


def test_the_form_takes_a_key_and_keeps_what_is_used(sandbox: Sandbox) -> None:
    form_class = CALENDARS["google_workspace"].everyone_form
    assert form_class is not None
    key = sandbox.google.make_service_account()
    form = form_class({"service_account": f"\n{key}\n", "admin": "Admin@Example.com"})
    assert form.is_valid()
    credentials = form.credentials()
    assert credentials["admin"] == ADMIN
    assert "token_uri" not in credentials["service_account"]
    assert workspace_calendar(credentials).check().missing() == []
    assert form.entered() == {"admin": "Admin@Example.com"}
    wrong = form_class({"service_account": '{"type": "authorized_user"}', "admin": "nobody"})
    assert set(wrong.errors) == {"service_account", "admin"}


def test_secrets_are_in_no_log_and_no_repr(
    sandbox: Sandbox, own: PersonCalendar, caplog: pytest.LogCaptureFixture
) -> None:
    key = sandbox.google.make_service_account()
    workspace = workspace_calendar({"service_account": key, "admin": ADMIN})
    caplog.set_level(logging.DEBUG)
    workspace.put_event(IVY, event())
    own.changes(IVY, WINDOW, BERLIN)
    told = [record for record in caplog.records if "sandbox" not in record.name]
    logged = " ".join(record.getMessage() for record in told)
    assert "google_called" in logged
    private = json.loads(key)["private_key"].splitlines()[1]
    for secret in ("ya29.", "1//", private, "Interview: Backend", IVY):
        assert secret not in logged
    token = next(iter(store._tokens.values()))
    assert repr(token) == "<access token>"
    with pytest.raises(TypeError):
        pickle.dumps(token)


def test_a_watch_calls_when_the_calendar_changes(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    watch = workspace.watch(IVY, id="watch-1", token="secret", address="https://panelist.example.com/n/")
    sandbox.calendars.add(IVY, "New", at(5), at(5, 10))
    assert [notices.read(headers, {}, b"") for headers in sandbox.google.channels.sent] == [
        Notices(),  # the watch has begun
        Notices((Notice("watch-1", "secret"),)),
    ]
    assert watch.id == "watch-1"
    assert watch.expires_at > sandbox.calendars.now()
    workspace.stop_watch(IVY, watch)
    workspace.stop_watch(IVY, watch)
    sandbox.calendars.add(IVY, "Another", at(5), at(5, 10))
    assert len(sandbox.google.channels.sent) == 2


def test_a_watch_of_a_server_that_google_cannot_reach_is_refused(
    sandbox: Sandbox, workspace: WorkspaceCalendar
) -> None:
    ask = lambda: workspace.watch(IVY, id="w", token="t", address="http://localhost/n/")  # noqa: E731
    assert code_of(ask) == "watch_refused"
    assert sandbox.google.channels.sent == []


@pytest.mark.parametrize(
    "changes",
    [
        {"X-Goog-Channel-ID": ""},
        {"X-Goog-Channel-ID": "a" * 65},
        {"X-Goog-Channel-ID": "a b"},
        {"X-Goog-Channel-Token": ""},
        {"X-Goog-Channel-Token": "t" * 257},
        {"X-Goog-Resource-State": "sync"},
        {"X-Goog-Resource-State": "else"},
    ],
)
def test_a_malformed_call_says_nothing(changes: dict[str, str]) -> None:
    good = {"x-goog-channel-id": "w-1", "x-goog-channel-token": "t", "x-goog-resource-state": "exists"}
    assert notices.read(good, {}, b"").notices == (Notice("w-1", "t"),)
    assert notices.read({**good, **{name.lower(): text for name, text in changes.items()}}, {}, b"") == Notices()
