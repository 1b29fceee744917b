"""Connecting: what is checked, whose calendars there are, rooms, tokens and consents."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pytest_django import Settings

from integrations import transport
from integrations.base import CredentialsRejected, Operation, Refused, Retryable, ToolError, Verdict
from integrations.calendar_registry import CALENDARS, ConsentRequest
from integrations.calendars import CalendarRef, Meeting
from integrations.microsoft import tokens
from integrations.microsoft.calendar import (
    MicrosoftCalendar,
    microsoft_trial_credentials,
    organization_calendar,
    person_calendar,
)
from integrations.sandbox import Sandbox, SandboxProcess
from integrations.sandbox.microsoft import CLIENT, TENANT
from tests.integrations.microsoft.conftest import BERLIN, IVY, ROOM, TOM, WINDOW, at

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
BACK = "http://localhost:8000/calendars/back/"


def operations(graph: Sandbox) -> list[str]:
    return [record.operation for record in graph.microsoft.log.records()]


def test_an_organization(graph: Sandbox, office: MicrosoftCalendar) -> None:
    account = office.check()
    assert (account.id, account.name, account.calendars) == (TENANT, "Acme Corp", ())
    assert account.permissions == {"Calendars.ReadWrite": Verdict.YES, "Place.Read.All": Verdict.YES}


def test_an_organization_with_few_permissions(graph: Sandbox, office: MicrosoftCalendar) -> None:
    """Calendars may be granted in Exchange, so what the token lacks is not known to be missing."""
    graph.microsoft.permissions = {"User.Read.All"}
    account = office.check()
    assert (account.name, account.missing()) == (TENANT, ["Place.Read.All"])
    assert account.permissions["Calendars.ReadWrite"] is Verdict.UNKNOWN
    with pytest.raises(Refused) as caught:
        office.calendar_of(IVY)
    assert caught.value.code == "mailbox_denied"


def test_a_person(graph: Sandbox, ivys: MicrosoftCalendar) -> None:
    own = graph.calendars.add_calendar(IVY, "Choir")
    graph.calendars.set_access(own.id, "read")
    account = ivys.check()
    assert (account.id, account.name) == (f"user-{IVY}", IVY)
    assert account.permissions == {"Calendars.ReadWrite": Verdict.YES}
    assert account.calendars == (
        CalendarRef(IVY, "Calendar", IVY, is_main=True, can_write=True),
        CalendarRef(own.id, "Choir", IVY, is_main=False, can_write=False),
    )


def test_people_are_found_by_their_address(graph: Sandbox, office: MicrosoftCalendar) -> None:
    assert office.calendar_of("Ivy@Example.com") == CalendarRef(IVY, "Calendar", IVY, is_main=True, can_write=True)
    assert office.calendar_of("nobody@example.com") is None
    assert office.calendar_of("o'neill@example.com") is None
    graph.microsoft.permissions = {"Calendars.ReadWrite"}
    tokens.forget_all()
    assert office.calendar_of("nobody@example.com") is None


def test_a_person_who_signs_in_with_another_name(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.microsoft.sign_in_names[IVY] = "ilang@example.onmicrosoft.com"
    graph.calendars.add(IVY, "Dentist", at(9), at(10))
    found = office.calendar_of(IVY)
    assert found == CalendarRef("ilang@example.onmicrosoft.com", "Calendar", IVY, is_main=True, can_write=True)
    assert len(office.changes(found.id, WINDOW, BERLIN).occurrences) == 1
    assert len(office.busy([found.id], WINDOW, BERLIN)[found.id]) == 1  # type: ignore[arg-type]
    graph.microsoft.permissions = {"Calendars.ReadWrite"}
    graph.microsoft.accounts.end_access_tokens()
    assert office.calendar_of(IVY) is None


def test_rooms(graph: Sandbox, office: MicrosoftCalendar, ivys: MicrosoftCalendar) -> None:
    for number in range(25):
        graph.calendars.add_person(f"room{number}@example.com", f"Room {number:02}", is_room=True)
    found = office.list_rooms()
    assert (len(found), found[0]) == (26, CalendarRef(ROOM, "Aurora", ROOM))
    assert ivys.list_rooms() == []
    graph.microsoft.permissions = {"Calendars.ReadWrite"}
    graph.microsoft.accounts.end_access_tokens()
    with pytest.raises(Refused) as caught:
        office.list_rooms()
    assert caught.value.code == "rooms_denied"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tenant_id": "11111111-2222-3333-4444-555555555555"}, "tenant_unknown"),
        ({"tenant_id": ""}, "tenant_unknown"),
        ({"client_id": "11111111-2222-3333-4444-555555555555"}, "client_unknown"),
        ({"client_secret": "another"}, "secret_rejected"),
        ({"client_secret": "old"}, "secret_expired"),
    ],
)
def test_wrong_credentials_say_what_is_wrong(graph: Sandbox, changes: dict[str, str], code: str) -> None:
    graph.microsoft.accounts.expired_secrets.add("old")
    calendar = organization_calendar({**microsoft_trial_credentials(), **changes})
    with pytest.raises(CredentialsRejected) as caught:
        calendar.check()
    assert caught.value.code == code
    assert code in calendar.info.problems


def test_one_token_serves_many_calls(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.calendar_of(IVY)
    organization_calendar(microsoft_trial_credentials()).calendar_of(TOM)
    assert operations(graph).count("token") == 1


def test_a_token_that_ended_early_is_replaced_once(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.calendar_of(IVY)
    graph.microsoft.accounts.end_access_tokens()
    assert office.calendar_of(IVY) is not None
    assert operations(graph).count("token") == 2


def test_new_refresh_tokens_take_the_place_of_old_ones(graph: Sandbox) -> None:
    kept: list[Mapping[str, str]] = []
    first = graph.microsoft.consent_of(IVY)
    person_calendar({"refresh_token": first}, keep=kept.append).check()
    assert len(kept) == 1
    assert kept[0]["refresh_token"] != first
    tokens.forget_all()
    person_calendar(kept[0], keep=kept.append).check()
    assert len({row["refresh_token"] for row in kept}) == 2


@pytest.mark.parametrize("seconds", [60, 0])
def test_a_token_near_its_end_is_not_used(
    graph: Sandbox, office: MicrosoftCalendar, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setattr("integrations.sandbox.microsoft.accounts.TOKEN_SECONDS", seconds or 300)
    office.calendar_of(IVY)
    office.calendar_of(IVY)
    assert operations(graph).count("token") == 2


def test_a_consent_that_was_taken_back(graph: Sandbox, ivys: MicrosoftCalendar) -> None:
    ivys.check()
    graph.microsoft.revoke(IVY)
    with pytest.raises(CredentialsRejected) as caught:
        ivys.check()
    assert caught.value.code == "consent_expired"


def test_a_person_reaches_nobody_elses_calendar(graph: Sandbox, ivys: MicrosoftCalendar) -> None:
    with pytest.raises(ToolError):
        ivys.changes(TOM, WINDOW, BERLIN)


def consent_page(account: str = IVY) -> tuple[str, dict[str, str]]:
    consent = CALENDARS["microsoft"].consent
    assert consent is not None
    address = consent.address(ConsentRequest(state="s1", challenge=CHALLENGE, back=BACK, hint=account))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return address, asked


def agree(graph: Sandbox, answer: str = "accept") -> dict[str, str]:
    return agree_at(graph.url, IVY, answer)


def agree_at(url: str, account: str, answer: str = "accept") -> dict[str, str]:
    address, asked = consent_page(account)
    shown = requests.get(address, timeout=5)
    assert shown.status_code == 200
    assert f'<option value="{account}" selected>' in shown.text
    sent = requests.post(
        f"{url}/microsoft/login/organizations/consent",
        data=asked | {"account": account, "answer": answer},
        headers={"Origin": url},
        timeout=5,
        allow_redirects=False,
    )
    back = sent.headers["Location"]
    assert back.startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def test_a_consent_from_the_page_to_the_calendar(graph: Sandbox) -> None:
    consent = CALENDARS["microsoft"].consent
    assert consent is not None
    assert consent.is_offered()
    answer = agree(graph)
    assert answer["state"] == "s1"
    credentials = consent.exchange(answer["code"], VERIFIER, BACK)
    assert person_calendar(credentials).check().name == IVY
    with pytest.raises(CredentialsRejected) as caught:
        consent.exchange(answer["code"], VERIFIER, BACK)
    assert caught.value.code == "consent_expired"
    assert agree(graph, "cancel")["error"] == "access_denied"


def test_a_code_is_good_for_its_verifier_and_address_alone(graph: Sandbox) -> None:
    for verifier, back in (("w" * 64, BACK), (VERIFIER, f"{BACK}x")):
        with pytest.raises(CredentialsRejected):
            tokens.exchange(agree(graph)["code"], verifier, back)


def test_a_consent_without_lasting_access(graph: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"access_token": "abc", "expires_in": 3599}
    monkeypatch.setattr(tokens, "_ask", lambda *_: answer)
    with pytest.raises(CredentialsRejected) as caught:
        tokens.exchange("code", VERIFIER, BACK)
    assert caught.value.code == "consent_lost"


def test_consent_is_offered_with_a_client_only(settings: Settings) -> None:
    settings.MICROSOFT_CLIENT_ID = CLIENT
    settings.MICROSOFT_CLIENT_SECRET = ""
    assert not tokens.consent_is_offered()


def test_the_pages_of_consent_refuse_what_microsoft_refuses(graph: Sandbox) -> None:
    address, asked = consent_page()
    for changes in ({"client_id": "x"}, {"redirect_uri": "javascript:1"}, {"code_challenge": ""}, {"scope": ""}):
        page = requests.get(address.partition("?")[0], params={**asked, **changes}, timeout=5)
        assert page.status_code == 400
    strange = requests.post(
        f"{graph.microsoft.login_url}/organizations/consent",
        data=asked | {"account": IVY, "answer": "accept"},
        headers={"Origin": "https://elsewhere.example"},
        timeout=5,
        allow_redirects=False,
    )
    assert strange.status_code == 403


def test_each_request_to_graph_is_paced(graph: Sandbox) -> None:
    seen: list[Operation] = []

    def pacer(operation: Operation) -> None:
        seen.append(operation)

    calendar = organization_calendar(microsoft_trial_credentials(), pacer=pacer)
    calendar.calendar_of(IVY)
    calendar.delete_event(IVY, "0" * 32)
    asked = [name for name in operations(graph) if name != "token"]
    assert seen == ["read"] * len(asked)


def test_vendors_are_known_without_calling_them(settings: Settings) -> None:
    settings.MICROSOFT_TRIAL_SECRET = ""
    assert CALENDARS["microsoft_365"].trial() == {}
    everyone, person = (CALENDARS[kind].info for kind in ("microsoft_365", "microsoft"))
    assert (everyone.for_everyone, everyone.for_person) == (True, False)
    assert (person.for_everyone, person.for_person) == (False, True)
    for info in (everyone, person):
        assert (info.meeting, info.can_watch, info.can_write, info.is_live) == (
            *(Meeting.MICROSOFT_TEAMS, True, True, True),
        )


@pytest.mark.parametrize("answer", ["[]", "{}", "null", '{"access_token": 1}', '{"access_token": "a\\nb"}', "<html>"])
def test_a_token_that_cannot_be_read(answer: str, settings: Settings) -> None:
    from integrations.transport import Reply

    found = tokens._judge(Reply(200, {}, answer.encode()))
    assert isinstance(found, Retryable)
    assert found.code == "unreadable"


@pytest.mark.parametrize(
    ("status", "answer", "error", "code"),
    [
        (429, "{}", Retryable, "rate_limited"),
        (503, "{}", Retryable, "server_error"),
        (404, "<html>", Retryable, "wrong_address"),
        (302, "", Retryable, "wrong_address"),
        (400, '{"error": "temporarily_unavailable"}', Retryable, "rate_limited"),
        (400, '{"error": "invalid_grant"}', CredentialsRejected, "consent_expired"),
        (400, '{"error": "invalid_grant", "error_codes": [65001]}', CredentialsRejected, "admin_consent_missing"),
        (400, '{"error": "new_word", "error_codes": "x"}', Refused, "refused"),
    ],
)
def test_answers_of_the_token_endpoint(status: int, answer: str, error: type[ToolError], code: str) -> None:
    from integrations.transport import Reply

    found = tokens._judge(Reply(status, {}, answer.encode()))
    assert isinstance(found, error)
    assert found.code == code


def test_secrets_are_in_no_text(graph: Sandbox, office: MicrosoftCalendar) -> None:
    secret = microsoft_trial_credentials()["client_secret"]
    token = office._tokens.token()
    for one in (office, office._tokens, office._client, token, tokens.Bearer(token)):
        assert secret not in repr(one)
        assert token.value not in repr(one)


def test_a_stand_in_that_starts_again_knows_its_connections(
    tmp_path: Path, settings: Settings, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the demo: the secret is given from outside, and what was connected stays so."""
    monkeypatch.setattr(transport, "connections", transport.Connections())
    monkeypatch.setenv("SANDBOX_SEED_KEY", "a-secret-that-somebody-chose")
    settings.MICROSOFT_TRIAL_SECRET = settings.MICROSOFT_CLIENT_SECRET = "a-secret-that-somebody-chose"
    settings.MICROSOFT_CLIENT_ID = CLIENT
    kept: list[Mapping[str, str]] = []
    with SandboxProcess(tmp_path / "state.db", options=["--seed-key"]) as process:
        use(settings, process.url)
        assert organization_calendar(microsoft_trial_credentials()).list_rooms()
        code = agree_at(process.url, "admin@example.com")["code"]
        consented = tokens.exchange(code, VERIFIER, BACK)
    with SandboxProcess(tmp_path / "state.db", options=["--seed-key"]) as process:
        use(settings, process.url)
        person = person_calendar(consented, keep=kept.append).check()
    assert (person.name, len(kept)) == ("admin@example.com", 1)


def use(settings: Settings, url: str) -> None:
    tokens.forget_all()
    settings.MICROSOFT_GRAPH_URL, settings.MICROSOFT_LOGIN_URL = f"{url}/microsoft/v1.0", f"{url}/microsoft/login"
