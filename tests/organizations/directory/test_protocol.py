"""The protocol around people and groups: who is let in, lists, filters, versions and errors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organizations.directory import tokens
from organizations.models import DirectoryToken, DirectoryUser
from tests.conftest import Team
from tests.organizations.directory.client import PATCH, USER, Caller, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(team: Team) -> Caller:
    prove(team, "corp.example")
    return Caller(team)


def is_error(response: Any, status: int) -> bool:
    """Whether it is SCIM's error, with this status."""
    body = response.json()
    return bool(
        response.status_code == status
        and response["Content-Type"] == "application/scim+json"
        and body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        and body["status"] == str(status)
    )


def test_without_a_token_nothing_is_told(team: Team, directory: Caller) -> None:
    directory.user("ann@corp.example")
    wrong = ("wrong", "é", "x" * 999, directory.token[:-1], directory.token + "x")
    for header in ("", "Bearer", "Basic Zm9v", f"Token {directory.token}", *(f"Bearer {each}" for each in wrong)):
        for path in ("/Users", "/ServiceProviderConfig", "/nothing"):
            response = Client().get(f"/scim/v2{path}", headers={"Authorization": header})
            assert is_error(response, 401) and response["WWW-Authenticate"].startswith("Bearer")


def test_an_ended_token_lets_nobody_in(team: Team, directory: Caller) -> None:
    tokens.end(token=DirectoryToken.objects.get(), actor=team.admin.user)
    assert is_error(directory.send("GET", "/Users"), 401)


def test_a_renewed_token_works_for_a_week(team: Team, directory: Caller) -> None:
    new = tokens.renew(token=DirectoryToken.objects.get(), actor=team.admin.user)
    assert directory.send("GET", "/Users").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert is_error(directory.send("GET", "/Users"), 401)
        directory.token = new
        assert directory.send("GET", "/Users").status_code == 200


def test_only_the_hash_of_a_token_is_stored_and_its_last_use_noted(team: Team, directory: Caller) -> None:
    directory.get("/Users")
    row = DirectoryToken.objects.values().get()
    assert directory.token not in str(row) and directory.token.startswith(row["prefix"])
    assert row["last_used_at"] is not None


def test_a_session_is_no_token(team: Team, as_admin: Client) -> None:
    assert is_error(as_admin.get("/scim/v2/Users"), 401)


def test_another_organizations_people_are_not_there(team: Team, other_team: Team, directory: Caller) -> None:
    theirs = Caller(other_team)
    user = theirs.create("/Users", userName="ann@globex.example")
    group = theirs.create("/Groups", displayName="Theirs")
    for path in (f"/Users/{user['id']}", f"/Groups/{group['id']}"):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            assert is_error(directory.send(method, path, {"schemas": [USER], "userName": "x"}), 404)
    assert directory.get("/Users")["totalResults"] == directory.get("/Groups")["totalResults"] == 0
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Ours"}
    assert is_error(directory.send("POST", "/Groups", body | {"members": [{"value": user["id"]}]}), 400)
    assert directory.create("/Users", userName="ann@globex.example")["id"] != user["id"]


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ('userName eq "ANN@corp.example"', ["ann"]),
        ('externalId eq "id-bob"', ["bob"]),
        ('externalId eq "ID-BOB"', []),
        ('emails.value eq "Bob@corp.example"', ["bob"]),
        ('emails eq "bob@corp.example"', ["bob"]),
        ('emails[type eq "work" and value eq "ann@corp.example"]', ["ann"]),
        ('name.familyName eq "Ito" and not (userName sw "bob")', ["ann"]),
        ('displayName co "nothing" or userName sw "a"', ["ann"]),
        ("active eq true", ["ann", "bob"]),
        ('active eq "False"', []),
        ("externalId pr", ["ann", "bob"]),
        ('id eq "no-uuid"', []),
        ('meta.lastModified gt "2020-01-01T00:00:00Z"', ["ann", "bob"]),
        ('meta.lastModified lt "2020-01-01T00:00:00Z"', []),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann@corp.example"', ["ann"]),
    ],
)
def test_filters(filter_: str, found: list[str], directory: Caller) -> None:
    for name in ("ann", "bob"):
        directory.user(f"{name}@corp.example", externalId=f"id-{name}")
    answer = directory.get(f"/Users?filter={quote(filter_)}")
    assert [user["userName"].partition("@")[0] for user in answer["Resources"]] == found
    assert answer["totalResults"] == len(found)


@pytest.mark.parametrize(
    "filter_",
    [
        "userName",
        'userName like "x"',
        'nothing eq "x"',
        'userName eq "x" and',
        'userName eq "\\u0000"',
        "(" * 400 + 'userName eq "x"' + ")" * 400,
        "not (" * 190 + "userName pr" + ")" * 190,
        "userName pr or " * 300 + "userName pr",
        'meta.created gt "yesterday"',
        'active gt "x"',
        'password eq "x"',
    ],
)
def test_filters_that_cant_be_are_refused(filter_: str, directory: Caller) -> None:
    response = directory.send("GET", f"/Users?filter={quote(filter_)}")
    assert is_error(response, 400) and response.json()["scimType"] == "invalidFilter"


def test_groups_are_found_by_name_and_member(directory: Caller) -> None:
    ann = directory.user("ann@corp.example")
    group = directory.create("/Groups", displayName="Recruiting", members=[{"value": ann["id"]}])
    directory.create("/Groups", displayName="Others")
    for text in ('displayName eq "recruiting"', f'members.value eq "{ann["id"]}"', f'members eq "{ann["id"]}"'):
        assert [each["id"] for each in directory.get(f"/Groups?filter={quote(text)}")["Resources"]] == [group["id"]]
    by_name = quote('displayName eq "Recruiting"')
    alone = directory.get(f"/Groups?filter={by_name}&excludedAttributes=members")
    assert "members" not in alone["Resources"][0]


def test_pages_are_in_one_order_and_bounded(directory: Caller) -> None:
    for number in range(7):
        directory.create("/Users", userName=f"user-{number}")
    seen = []
    for start in (1, 4, 7):
        page = directory.get(f"/Users?startIndex={start}&count=3&attributes=userName")
        assert page["totalResults"] == 7
        seen += [user["userName"] for user in page["Resources"]]
    assert seen == [f"user-{number}" for number in range(7)]
    assert directory.get("/Users?count=0")["Resources"] == []
    assert directory.get("/Users?count=-1&startIndex=-5")["startIndex"] == 1
    assert directory.get("/Users?count=999999")["itemsPerPage"] == 7
    assert directory.get("/Users?startIndex=99999999")["Resources"] == []


@pytest.mark.parametrize("query", ["count=x", "startIndex=²", "count=1e3", "startIndex=" + "9" * 5000])
def test_numbers_that_are_none_are_refused(query: str, directory: Caller) -> None:
    assert is_error(directory.send("GET", f"/Users?{query}"), 400)


def test_a_list_costs_the_same_queries_however_long(directory: Caller) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            directory.get("/Users")
        return len(queries)

    directory.user("ann@corp.example")
    few = cost()
    for number in range(10):
        directory.create("/Users", userName=f"user-{number}")
    assert cost() == few <= 6


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"{}", b'{"schemas": 7}'],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_bodies_that_are_no_resource_are_refused(method: str, body: bytes, directory: Caller) -> None:
    pk = directory.create("/Users", userName="ann")["id"]
    path = "/Users" if method == "POST" else f"/Users/{pk}"
    assert is_error(directory.send(method, path, body), 400)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"userName": ""},
        {"userName": "x" * 255},
        {"userName": "a\u0000b"},
        {"userName": 7},
        {"userName": ["x"]},
        {"userName": "x", "externalId": "x" * 300},
        {"userName": "x", "emails": "x"},
        {"userName": "x", "emails": [{"value": "x@y.example"}] * 21},
        {"userName": "x", "name": {"givenName": "\u0000"}},
        {"userName": "x", "active": "maybe"},
    ],
)
def test_fields_that_cant_be_are_refused(fields: dict[str, Any], directory: Caller) -> None:
    assert is_error(directory.send("POST", "/Users", {"schemas": [USER], **fields}), 400)
    assert not DirectoryUser.objects.exists()


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [{}],
        [{"op": "move"}],
        [{"op": "remove"}],
        [{"op": "replace", "path": "userName"}],
        [{"op": "replace", "path": "emails[", "value": 1}],
        [{"op": "replace", "path": "id", "value": "x"}],
        [{"op": "remove", "path": "userName"}],
        [{"op": "replace", "value": "x"}],
        [{"op": "replace", "path": "active", "value": "perhaps"}],
        [{"op": "add", "path": "active", "value": True}] * 1001,
        7,
    ],
)
def test_patches_that_cant_be_change_nothing(operations: Any, directory: Caller) -> None:
    made = directory.user("ann@corp.example")
    body = {"schemas": [PATCH], "Operations": operations}
    assert is_error(directory.send("PATCH", f"/Users/{made['id']}", body), 400)
    assert directory.get(f"/Users/{made['id']}") == made


def test_large_bodies_are_refused(directory: Caller) -> None:
    assert is_error(directory.send("POST", "/Users", b'{"x": "' + b"x" * 2_000_001), 413)


def test_a_user_name_is_unique_in_any_case(directory: Caller) -> None:
    directory.user("ann@corp.example")
    response = directory.send("POST", "/Users", {"schemas": [USER], "userName": "ANN@corp.example"})
    assert is_error(response, 409) and response.json()["scimType"] == "uniqueness"


def test_two_users_of_one_address_are_refused(directory: Caller) -> None:
    directory.user("ann@corp.example")
    body = {"schemas": [USER], "userName": "other", "emails": [{"value": "Ann@corp.example"}]}
    assert is_error(directory.send("POST", "/Users", body), 409)
    assert directory.get("/Users")["totalResults"] == 1


def test_versions(directory: Caller) -> None:
    made = directory.user("ann@corp.example")
    path, tag = f"/Users/{made['id']}", made["meta"]["version"]
    assert directory.send("GET", path, **{"If-None-Match": tag}).status_code == 304
    changed = directory.patch(path, {"op": "replace", "path": "displayName", "value": "Ann"})
    assert changed["meta"]["version"] != tag
    assert is_error(directory.send("DELETE", path, **{"If-Match": tag}), 412)
    assert directory.send("DELETE", path, **{"If-Match": changed["meta"]["version"]}).status_code == 204
    assert is_error(directory.send("GET", path), 404)


def test_a_created_resource_says_where_it_is(directory: Caller, settings: Any) -> None:
    response = directory.send("POST", "/Users", {"schemas": [USER], "userName": "ann"})
    made = response.json()
    assert response["Location"] == made["meta"]["location"] == f"{settings.BASE_URL}/scim/v2/Users/{made['id']}"
    assert response["Cache-Control"].find("no-store") >= 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/Users", 405),
        ("PUT", "/Groups", 405),
        ("POST", "/Users/00000000-0000-0000-0000-000000000000", 405),
        ("POST", "/Schemas", 405),
        ("OPTIONS", "/Users", 405),
        ("GET", "/", 404),
        ("GET", "", 404),
        ("GET", "/Users/00000000-0000-0000-0000-000000000000", 404),
        ("GET", "/Users/7", 404),
        ("GET", "/Users/a/b/c", 404),
        ("GET", "/Schemas/nothing", 404),
        ("GET", "/Me", 404),
        ("POST", "/Users/.search", 501),
        ("POST", "/.search", 501),
        ("POST", "/Bulk", 501),
        ("GET", "/Schemas?filter=x", 403),
    ],
)
def test_other_addresses_and_methods(method: str, path: str, status: int, directory: Caller) -> None:
    response = directory.send(method, path)
    assert is_error(response, status)
    assert ("Allow" in response) == (status == 405)


def test_too_many_invitations_ask_for_patience(directory: Caller) -> None:
    """For domains that are not proven: directories try again by themselves after a 429."""
    for number in range(20):
        directory.user(f"guest-{number}@elsewhere.example")
    body = {"schemas": [USER], "userName": "guest-20@elsewhere.example"}
    response = directory.send("POST", "/Users", body)
    assert is_error(response, 429) and int(response["Retry-After"]) > 0
    assert not DirectoryUser.objects.filter(user_name="guest-20@elsewhere.example").exists()
