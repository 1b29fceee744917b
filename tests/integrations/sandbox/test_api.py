"""The rules of the vendor's API."""

from __future__ import annotations

import json

import pytest

from integrations.sandbox import ALL, Refusal, Sandbox
from integrations.sandbox.model import HOUR_MS
from tests.integrations.sandbox.conftest import CREATE, DELETE, EDIT, FETCH, LIST, Caller

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

TEMPLATES = """
query Templates($companyId: ID, $filter: String, $first: Int!, $offset: Int!) {
  interviewTemplates(companyId: $companyId, globalFilter: $filter, first: $first, offset: $offset) {
    totalCount interviewTemplates { id name isCompanyDefault hasAssociatedInterviews } pageInfo { hasNextPage }
  }
}
"""


def test_a_created_interview_is_returned_listed_and_fetched(sandbox: Sandbox, caller: Caller) -> None:
    made = caller.create(candidateEmail="ada@example.com", candidateName="Ada", expirationTime=HOUR_MS)
    assert made["status"] == "pending"
    assert made["url"] == f"{sandbox.url}/live/{made['id']}"
    assert made["shortenedUrl"].startswith(f"{sandbox.url}/l/")
    fetched = caller.ask(FETCH, id=made["id"]).data["liveInterview"]
    assert fetched["candidateName"] == "Ada"
    assert fetched["company"]["name"] == "Acme Corp"
    assert (fetched["startDate"], fetched["finishDate"], fetched["proctoringStatus"]) == (None, None, None)
    assert caller.ask(LIST, email="ada@example.com").data["liveInterviews"] == [{"id": made["id"], "status": "pending"}]
    assert caller.ask(LIST, email="bob@example.com").data["liveInterviews"] == []


def test_an_edit_changes_only_what_it_names(sandbox: Sandbox, caller: Caller) -> None:
    made = caller.create(candidateEmail="ada@example.com", candidateName="Ada", trackCandidateLocation=True)
    edited = caller.ask(EDIT, id=made["id"], fields={"candidateName": "Ada L."}).data["editLiveInterview"]
    assert edited["candidateName"] == "Ada L."
    fetched = caller.ask(FETCH, id=made["id"]).data["liveInterview"]
    assert (fetched["candidateEmail"], fetched["trackCandidateLocation"]) == ("ada@example.com", True)
    caller.ask(EDIT, id=made["id"], fields={"candidateEmail": "lovelace@example.com"})
    assert caller.ask(LIST, email="ada@example.com").data["liveInterviews"] == []
    assert len(caller.ask(LIST, email="lovelace@example.com").data["liveInterviews"]) == 1


def test_delete_leaves_a_deleted_interview_behind(sandbox: Sandbox, caller: Caller) -> None:
    made = caller.create(candidateEmail="ada@example.com")
    assert caller.ask(DELETE, id=made["id"]).data == {"deleteLiveInterview": made["id"]}
    assert caller.ask(FETCH, id=made["id"]).data["liveInterview"]["status"] == "deleted"
    assert caller.ask(LIST).data["liveInterviews"] == [{"id": made["id"], "status": "deleted"}]
    assert "not found" in caller.ask(DELETE, id=made["id"]).error
    assert "not found" in caller.ask(EDIT, id=made["id"], fields={}).error
    assert sandbox.interviews() == []
    sandbox.configure(lists_deleted=False)
    assert caller.ask(LIST).data["liveInterviews"] == []


@pytest.mark.parametrize(("query", "field"), [(FETCH, "liveInterview"), (EDIT, "editLiveInterview"), (DELETE, None)])
def test_an_unknown_id_is_an_error(caller: Caller, query: str, field: str | None) -> None:
    reply = caller.ask(query, id="nobody", fields={}) if query is EDIT else caller.ask(query, id="nobody")
    assert reply.status == 200
    assert reply.error == "Live interview not found"
    assert reply.json["data"] == ({field: None} if field else None)


@pytest.mark.parametrize(
    ("milliseconds", "accepted"),
    [(HOUR_MS - 1, False), (HOUR_MS, True), (336 * HOUR_MS, True), (336 * HOUR_MS + 1, False), (0, False)],
)
def test_expiration_time_is_1_to_336_hours(sandbox: Sandbox, caller: Caller, milliseconds: int, accepted: bool) -> None:
    reply = caller.ask(CREATE, fields={"expirationTime": milliseconds})
    assert ("errors" not in reply.json) is accepted
    assert len(sandbox.interviews()) == accepted
    if not accepted:
        assert "expirationTime" in reply.error


def test_an_interview_is_over_when_its_time_has_passed(sandbox: Sandbox, caller: Caller) -> None:
    made = caller.create(expirationTime=2 * HOUR_MS)
    longer = caller.create(expirationTime=HOUR_MS)
    caller.ask(EDIT, id=longer["id"], fields={"expirationTime": 100 * HOUR_MS})
    sandbox.advance(2 * 3600 - 60)
    assert caller.ask(FETCH, id=made["id"]).data["liveInterview"]["status"] == "pending"
    sandbox.advance(61)
    over = caller.ask(FETCH, id=made["id"]).data["liveInterview"]
    assert over["status"] == "over"
    assert over["finishDate"] is not None
    assert [each.id for each in sandbox.interviews()] == [longer["id"]]


def test_an_unknown_template_and_another_companys_are_refused(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.make_key(company="Globex")
    (own, *_), (foreign, *_) = sandbox.templates(), sandbox.templates(company="Globex")
    assert caller.create(templateId=own, lockTemplate=True)
    assert "template" in caller.ask(CREATE, fields={"templateId": foreign}).error
    assert "template" in caller.ask(CREATE, fields={"templateId": "none"}).error
    (made,) = sandbox.interviews()
    assert (made.template_id, made.lock_template) == (own, True)


def test_pages_cover_everything_once_and_not_in_the_order_of_creation(caller: Caller) -> None:
    made = [caller.create()["id"] for _ in range(12)]
    pages = [caller.ask(LIST, first=5, offset=offset).data["liveInterviews"] for offset in (0, 5, 10)]
    listed = [each["id"] for page in pages for each in page]
    assert sorted(listed) == sorted(made)
    assert listed != made
    assert listed != made[::-1]
    assert [each["id"] for each in caller.ask(LIST, first=100).data["liveInterviews"]] == listed


def test_templates_are_filtered_and_paged(sandbox: Sandbox, caller: Caller) -> None:
    used = next(iter(sandbox.templates()))
    caller.create(templateId=used)
    first = caller.ask(TEMPLATES, first=3, offset=0).data["interviewTemplates"]
    assert first["totalCount"] == len(sandbox.templates()) >= 4
    assert first["pageInfo"]["hasNextPage"] is True
    assert [each["isCompanyDefault"] for each in first["interviewTemplates"]] == [True, False, False]
    assert [each["hasAssociatedInterviews"] for each in first["interviewTemplates"]] == [True, False, False]
    assert caller.ask(TEMPLATES, first=3, offset=3).data["interviewTemplates"]["pageInfo"]["hasNextPage"] is False
    found = caller.ask(TEMPLATES, first=9, offset=0, filter="BACKEND").data["interviewTemplates"]
    assert [each["name"] for each in found["interviewTemplates"]] == ["Backend: design an API"]


def test_companies_do_not_see_each_other(sandbox: Sandbox, caller: Caller) -> None:
    made = caller.create(candidateEmail="ada@example.com")
    stranger = Caller(sandbox.url, sandbox.make_key(company="Globex"))
    company = "query Company($id: ID) { company(id: $id) { id name } }"
    ours = caller.ask(company).data["company"]
    assert stranger.ask(company).data["company"]["name"] == "Globex"
    assert stranger.ask(company, id=ours["id"]).error == "Access Denied"
    assert stranger.ask(TEMPLATES, companyId=ours["id"], first=1, offset=0).error == "Access Denied"
    assert stranger.ask(FETCH, id=made["id"]).error == "Live interview not found"
    assert stranger.ask(DELETE, id=made["id"]).error == "Live interview not found"
    assert stranger.ask(LIST).data["liveInterviews"] == []
    assert stranger.ask(LIST, email="ada@example.com").data["liveInterviews"] == []
    assert [each.company for each in sandbox.interviews()] == ["Acme Corp"]
    stranger.connection.close()


@pytest.mark.parametrize("missing", ALL)
def test_each_permission_is_needed(sandbox: Sandbox, caller: Caller, missing: str) -> None:
    made = caller.create()
    caller.key = sandbox.make_key(permissions=[each for each in ALL if each != missing])
    denied = {
        name
        for name, reply in {
            "read": caller.ask(LIST),
            "fetch": caller.ask(FETCH, id=made["id"]),
            "create": caller.ask(CREATE, fields={"expirationTime": 1}),
            "edit": caller.ask(EDIT, id="nobody", fields={}),
            "delete": caller.ask(DELETE, id="nobody"),
        }.items()
        if reply.json.get("errors", [{"message": ""}])[0]["message"] == "Access Denied"
    }
    reads, writes = {"read", "fetch"}, {"create", "edit", "delete"}
    expected = {"liveInterview.company.read": reads, "liveInterview.company.write": writes}
    assert denied == expected.get(missing, reads | writes)
    assert caller.ask("{ company { name } }").data == {"company": {"name": "Acme Corp"}}


@pytest.mark.parametrize(
    ("style", "status"), [(Refusal.UNAUTHORIZED, 401), (Refusal.FORBIDDEN, 403), (Refusal.ERRORS, 200)]
)
def test_refusals_come_as_configured(sandbox: Sandbox, caller: Caller, style: Refusal, status: int) -> None:
    sandbox.configure(bad_key_answer=style, denied_answer=style)
    good = caller.key
    caller.key = sandbox.make_key(permissions=["liveInterview"])
    denied = caller.ask(LIST)
    assert (denied.status, denied.error) == (status, "Access Denied")
    for bad in ("", "unknown"):
        caller.key = bad
        refused = caller.ask(LIST)
        assert refused.status == status
        assert refused.error == "Unauthorized"
    sandbox.revoke(good)
    caller.key = good
    assert caller.ask("{ company { id } }").status == status


def test_a_key_needs_the_bearer_scheme(caller: Caller) -> None:
    assert caller.ask(LIST, headers={"Authorization": caller.key}).status == 401
    assert caller.ask(LIST, headers={"Authorization": f"Basic {caller.key}"}).status == 401
    assert caller.ask(LIST, headers={"Authorization": f"bearer {caller.key}"}).status == 200


def test_first_costs_and_aliases_add_up(caller: Caller) -> None:
    assert caller.ask(LIST, first=10_000).status == 200
    assert "cost 10001" in caller.ask(LIST, first=10_001).error
    aliases = "{ a: liveInterviews(first: 6000) { id } b: liveInterviews(first: 4001) { id } }"
    assert "cost 10001" in caller.ask(aliases).error
    fragment = "{ ...F } fragment F on Query { liveInterviews(first: 10001) { id } }"
    assert "cost 10001" in caller.ask(fragment).error
    default = "query ($n: Int = 10001) { liveInterviews(first: $n) { id } }"
    assert "cost 10001" in caller.ask(default).error
    several = '{ a: liveInterviews(candidateEmail: "x") { id } b: liveInterviews(candidateEmail: "y") { id } }'
    assert caller.ask(several).data == {"a": [], "b": []}


def test_depth_is_limited(sandbox: Sandbox, caller: Caller) -> None:
    deep = "{ liveInterviews { interviewersFeedback { categories { attributes { name } } } } }"
    assert caller.ask(deep).data == {"liveInterviews": []}
    sandbox.configure(max_depth=4)
    assert caller.ask(deep).error == "Query depth 5 exceeds the maximum depth of 4"
    introspection = '{ __type(name: "A") ' + "{ ofType " * 9 + "{ name }" + " }" * 9 + " }"
    sandbox.configure(max_depth=10)
    assert "depth 11" in caller.ask(introspection.replace("{ ofType", "{ fields { name } ofType", 1)).error


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"query": 5}', '{"query": "{", "variables": {}}', '{"query": "{ nope }"}', '"x"']
)
def test_a_malformed_request_is_a_400_with_errors(caller: Caller, body: str) -> None:
    headers = {"Authorization": f"Bearer {caller.key}", "Content-Type": "application/json"}
    reply = caller.send("POST", "/graphql", body, headers)
    assert reply.status == 400
    assert reply.error
    assert caller.ask("{ company { name } }").status == 200, "the connection is still usable"


def test_a_request_nested_too_deeply_is_refused(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.key}", "Content-Type": "application/json"}
    assert caller.send("POST", "/graphql", "[" * 100_000, headers).status == 400
    assert caller.ask("{ company " * 9_000).status == 400


def test_odd_text_is_kept_and_shown(caller: Caller) -> None:
    for name in ("\u0000", "\ud800", "\U0001f600", "x" * 10_000):
        made = caller.create(candidateName=name)
        assert made["candidateName"] == name
        assert caller.get(f"/live/{made['id']}").status == 200
    assert caller.get("/").status == 200


def test_a_bad_variable_is_an_error_and_makes_nothing(sandbox: Sandbox, caller: Caller) -> None:
    assert caller.ask(CREATE, fields={"candidateMail": "x"}).error
    assert caller.ask(CREATE, fields={"expirationTime": "3600000"}).error
    assert caller.ask(LIST, first=-1).error == "first and offset must not be negative"
    assert sandbox.interviews() == []


def test_transport_edges(caller: Caller) -> None:
    assert caller.get("/graphql").status == 405
    chunked = caller.send("POST", "/graphql", "", {"Transfer-Encoding": "chunked"})
    assert (chunked.status, chunked.headers["Connection"]) == (400, "close")
    too_long = caller.send("POST", "/graphql", None, {"Content-Length": "9999999"})
    assert too_long.status == 413


def test_a_connection_is_kept(sandbox: Sandbox, caller: Caller) -> None:
    caller.ask(LIST)
    first = caller.connection.sock
    for _ in range(3):
        caller.ask(LIST)
    assert first is not None
    assert caller.connection.sock is first


def test_feedback_reads_as_the_vendor_shows_it(sandbox: Sandbox, caller: Caller) -> None:
    made = sandbox.add_interview(candidate_email="ada@example.com", candidate_name="Ada")
    sandbox.start_interview(made.id)
    sandbox.leave_feedback(made.id, notes="first words", evaluation="no")
    sandbox.leave_feedback(
        made.id, notes="Good", evaluation="strong_yes", recommended_level="Senior", scores={"Problem solving": 4}
    )
    sandbox.leave_feedback(made.id, author="Kim Second")
    sandbox.finish(made.id)
    fetched = caller.ask(FETCH, id=made.id).data["liveInterview"]
    assert fetched["status"] == "over"
    assert fetched["startDate"] <= fetched["finishDate"]
    first, second = fetched["interviewersFeedback"]
    assert first["author"]["profile"]["name"] == "Sam Interviewer"
    assert (first["notes"], first["evaluation"], first["recommendedLevel"]) == ("Good", "strong_yes", "Senior")
    assert first["categories"][0]["attributes"] == [{"name": "Problem solving", "score": 4, "notes": ""}]
    assert (second["evaluation"], second["categories"]) == (None, [])


def test_nothing_logged_names_a_key_or_a_candidate(
    sandbox: Sandbox, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    made = caller.create(candidateEmail="ada@example.com", candidateName="Ada Lovelace")
    caller.get(f"/live/{made['id']}")
    caller.get("/?key=" + caller.key)
    assert "/live/*" in caplog.text
    for secret in (caller.key, "ada@", "Lovelace", made["id"]):
        assert secret not in caplog.text
    assert caller.key not in json.dumps([repr(record) for record in sandbox.requests])
