"""The pages that a person uses."""

from __future__ import annotations

import re

import pytest

from integrations.sandbox import ALL, Fault, RateAnswer, Refusal, Sandbox
from tests.integrations.sandbox.conftest import FETCH, LIST, Caller

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

PATHS = ("/", "/keys", "/webhooks", "/controls", "/calendars", "/calendars/ivy@example.com")


def follow(caller: Caller, path: str, **form: object) -> str:
    """Send a form and return the page that it leads to."""
    reply = caller.post(path, form)
    assert reply.status == 303, reply.html
    page = caller.get(reply.headers["Location"])
    assert page.status == 200
    return page.html


def new_key(caller: Caller, **form: object) -> str:
    """Send the form and return the key that its answer shows."""
    reply = caller.post("/keys", form)
    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")
    field = re.search(r'<input[^>]* id="new-key"[^>]*>', reply.html)
    assert field is not None
    return field[0].split('value="')[1].split('"')[0]


@pytest.mark.parametrize("path", PATHS)
def test_pages_hold_no_script_and_say_so(sandbox: Sandbox, caller: Caller, path: str) -> None:
    sandbox.add_interview(candidate_name="<script>alert(1)</script>", candidate_email='"><img src=x>')
    sandbox.make_key(description="<b>bold</b>")
    sandbox.calendars.add_person("ivy@example.com", "<b>Ivy</b>")
    now = sandbox.calendars.now()
    sandbox.calendars.add("ivy@example.com", "<script>alert(1)</script>", now, now.replace(year=now.year + 1))
    reply = caller.get(path)
    assert reply.status == 200
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script|<b>|<img|style=|\son\w+=|javascript:", reply.html)
    assert '<html lang="en">' in reply.html
    assert reply.html.count("<h1>") == 1
    ids = re.findall(r' id="([^"]+)"', reply.html)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'<label for="([^"]+)"', reply.html):
        assert target in ids
    assert caller.get("/style.css").headers["Content-Type"].startswith("text/css")
    assert caller.get("/icon.svg").status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:x", "127.0.0.1.evil.example:{port}", "localhost.evil.example", "[evil", ""]
)
def test_a_name_that_leads_here_by_dns_gets_nothing(sandbox: Sandbox, caller: Caller, host: str) -> None:
    """A site can let its own name lead to 127.0.0.1: the Origin of its forms then fits the Host."""
    named = host.format(port=sandbox.url.rpartition(":")[2])
    made = sandbox.add_interview(candidate_name="Vera Lang", candidate_email="vera@example.com")
    for origin in ({}, {"Origin": f"http://{named}"}):
        headers = {"Host": named, **origin}
        assert caller.get("/keys", headers=headers).status == 421
        assert caller.post("/keys", {"description": "Stolen"}, headers=headers).status == 421
        assert caller.post(f"/live/{made.id}/finish", headers=headers).status == 421
    assert "Stolen" not in caller.get("/keys").html


def test_it_answers_by_number_and_as_localhost(sandbox: Sandbox, caller: Caller) -> None:
    port = sandbox.url.rpartition(":")[2]
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LOCALHOST.:{port}", f"[::1]:{port}", f"10.1.2.3:{port}"):
        assert caller.get("/keys", headers={"Host": host}).status == 200


def test_a_key_is_made_with_the_ticked_permissions_and_shown_once(sandbox: Sandbox, caller: Caller) -> None:
    key = new_key(caller, description="Scheduler", company="Globex", permissions=list(ALL))
    assert key not in caller.get("/keys").html
    caller.key = key
    assert caller.ask("{ company { name } }").data == {"company": {"name": "Globex"}}
    assert caller.ask(LIST).data == {"liveInterviews": []}
    follow(caller, f"/keys/{sandbox.key_id(key)}/revoke")
    assert caller.ask(LIST).status == 401
    assert "Revoked" in caller.get("/keys").html


def test_an_unticked_permission_is_missing(caller: Caller) -> None:
    caller.key = new_key(caller, description="Reader", company="Acme Corp", permissions=list(ALL[:3]))
    assert caller.ask(LIST).status == 200
    assert caller.ask("mutation { deleteLiveInterview(id: 1) }").error == "Access Denied"


def test_a_key_without_a_description_brings_the_form_back(caller: Caller) -> None:
    reply = caller.post("/keys", {"description": " ", "company": "Initech", "permissions": ["liveInterview"]})
    assert reply.status == 400
    assert 'role="alert"' in reply.html
    assert 'value="Initech"' in reply.html
    assert reply.html.count(" checked") == 1
    assert (
        "Unknown permission" in caller.post("/keys", {"description": "x", "company": "y", "permissions": "root"}).html
    )


def test_an_interview_is_walked_through_on_its_page(sandbox: Sandbox, caller: Caller) -> None:
    made = caller.create(candidateName="Ada Lovelace")
    path = made["url"].removeprefix(sandbox.url)
    short = caller.get(made["shortenedUrl"].removeprefix(sandbox.url))
    assert (short.status, short.headers["Location"]) == (303, path)
    page = caller.get(path).html
    assert "Interview with Ada Lovelace" in page
    assert "Pending" in page
    assert "Active" in follow(caller, f"{path}/start")
    assert "This interview is over." in follow(caller, f"{path}/finish")
    form = {"author": "Kim", "notes": "Kept calm", "evaluation": "yes", "level": "Senior", "score": "3"}
    page = follow(caller, f"{path}/feedback", **form)
    assert "Kept calm" in page
    assert "3 of 4" in page
    (entry,) = caller.ask(FETCH, id=made["id"]).data["liveInterview"]["interviewersFeedback"]
    assert (entry["evaluation"], entry["recommendedLevel"]) == ("yes", "Senior")
    assert entry["categories"][0]["attributes"][0]["score"] == 3
    again = caller.post(f"{path}/finish")
    assert again.status == 400
    assert "over or deleted already" in again.html


@pytest.mark.parametrize(
    "bad", [{"score": "9"}, {"score": "x"}, {"evaluation": "maybe"}, {"level": "King"}, {"author": ""}]
)
def test_bad_feedback_loses_nothing_typed(sandbox: Sandbox, caller: Caller, bad: dict[str, str]) -> None:
    made = sandbox.add_interview()
    reply = caller.post(f"/live/{made.id}/feedback", {"author": "Kim", "notes": "A long text"} | bad)
    assert reply.status == 400
    assert ">A long text</textarea>" in reply.html
    assert sandbox.interviews()[0].feedback_count == 0


def test_expired_deleted_and_unknown_interviews_say_so(sandbox: Sandbox, caller: Caller) -> None:
    expiring, deleted = sandbox.add_interview(hours=1), sandbox.add_interview()
    sandbox.delete(deleted.id)
    sandbox.advance(3601)
    assert "This interview has expired." in caller.get(f"/live/{expiring.id}").html
    gone = caller.get(f"/live/{deleted.id}")
    assert (gone.status, "This interview was deleted." in gone.html) == (410, True)
    for path in ("/live/nobody", "/l/nobody", "/live/nobody/elsewhere", "/nowhere", "/keys/none/revoke"):
        assert caller.get(path).status == 404
    assert caller.post("/live/nobody/start").status == 404
    assert caller.post("/keys/none/revoke").status == 404


def test_the_overview_lists_the_newest_first_on_pages(sandbox: Sandbox, caller: Caller) -> None:
    for number in range(120):
        sandbox.add_interview(candidate_name=f"Candidate {number:03}")
    first, last, beyond = (caller.get(path).html for path in ("/", "/?page=3", "/?page=99"))
    assert re.findall(r"Candidate \d{3}", first)[:2] == ["Candidate 119", "Candidate 118"]
    assert re.findall(r"Candidate \d{3}", last)[-1] == "Candidate 000"
    assert "Page 3 of 3" in beyond
    assert caller.get("/?page=x").status == 200


def test_controls_change_how_requests_are_answered(sandbox: Sandbox, caller: Caller) -> None:
    follow(
        caller,
        "/controls/settings",
        latency="0.02",
        queries_per_second="1",
        mutations_per_second="2",
        rate_answer=RateAnswer.BARE.value,
        bad_key_answer=Refusal.FORBIDDEN.value,
        denied_answer=Refusal.UNAUTHORIZED.value,
    )
    assert sandbox.settings.latency == pytest.approx(0.02)
    assert sandbox.settings.mutations_per_second == 2
    assert caller.ask(LIST).status == 200
    assert caller.ask(LIST).status == 429
    page = follow(
        caller,
        "/controls/faults",
        fault=Fault.UNAVAILABLE.value,
        operation="createLiveInterview",
        times="2",
        percent="",
    )
    assert "2 more" in page
    assert "rate_limited" in page
    assert caller.ask("mutation { createLiveInterview { id } }").status == 503
    assert "1 more" in caller.get("/controls").html
    assert "No fault is in force." in follow(caller, "/controls/clear")
    made = sandbox.add_interview(hours=2)
    follow(caller, "/controls/clock", hours="3")
    assert made.id not in [each.id for each in sandbox.interviews()]


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("settings", {"latency": "fast", "queries_per_second": "7", "mutations_per_second": "5"}),
        ("settings", {"latency": "inf", "queries_per_second": "7", "mutations_per_second": "5", "rate_answer": "429"}),
        ("settings", {"latency": "nan", "queries_per_second": "7", "mutations_per_second": "5", "rate_answer": "429"}),
        ("faults", {"fault": "gremlins", "operation": "any", "times": "7"}),
        ("faults", {"fault": "unavailable", "operation": "any", "times": "7", "percent": "700"}),
        ("clock", {"hours": "-7"}),
        ("clock", {"hours": "70000000"}),
    ],
)
def test_bad_numbers_change_nothing_and_stay_typed(
    sandbox: Sandbox, caller: Caller, what: str, form: dict[str, str]
) -> None:
    reply = caller.post(f"/controls/{what}", form)
    assert reply.status == 400
    assert 'role="alert"' in reply.html
    assert any(f'value="{typed}"' in reply.html for typed in form.values() if "7" in typed)
    assert sandbox.settings.queries_per_second == 0
    assert sandbox.settings.latency == 0
    assert sandbox.faults.rules() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(sandbox: Sandbox, caller: Caller, headers: dict[str, str]) -> None:
    made = sandbox.add_interview()
    assert caller.post(f"/live/{made.id}/finish", headers=headers).status == 403
    assert caller.post("/_control", headers=headers).status == 415
    assert len(sandbox.interviews()) == 1
    assert caller.post(f"/live/{made.id}/finish", headers={"Origin": sandbox.url}).status == 303
