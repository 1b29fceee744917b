"""Nothing of candidates or members reaches a log line or a Celery message (finding B11)."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from inspect import signature
from typing import Any

import pytest
import responses
import structlog
from celery import shared_task, signals
from django.conf import settings as installation
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from config.celery import app
from config.logs import logging_config
from config.task_context import HEADER
from integrations.models import Integration
from organizations import enqueue
from organizations.models import User
from scheduling.messages import delivery
from scheduling.models import Candidate, CodingLink, JoinLink, Message
from scheduling.tasks import work_on_link
from tests.conftest import Team
from tests.everything import Rows, one_of_each
from tests.scheduling.loops import connect, make_loop
from tests.scheduling.message_steps import propose, queue, staffed_loop
from tests.scheduling.smtp_server import MailServer, box  # noqa: F401
from tests.test_addresses import OURS, PATTERNS, address_of

pytestmark = pytest.mark.django_db

#: Occurs nowhere else: whatever has it was typed.
MARK = "zqxmark"
TYPED = f"{MARK}@private.test"
FIELD = re.compile(r'\bname="([\w-]+)"')


class Lines:
    """The lines that were logged, as they are written to standard output."""

    def __init__(self, how: str = "text") -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        formatter = logging_config(how)["formatters"]["line"]
        self.handler.setFormatter(formatter["()"](**{k: v for k, v in formatter.items() if k != "()"}))

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def with_marks(self) -> list[str]:
        return [line for line in self.text.splitlines() if MARK in line.lower()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    found = Lines()
    logging.getLogger().addHandler(found.handler)
    yield found
    logging.getLogger().removeHandler(found.handler)


@pytest.fixture
def json_lines() -> Iterator[Lines]:
    found = Lines("json")
    logging.getLogger().addHandler(found.handler)
    yield found
    logging.getLogger().removeHandler(found.handler)


@pytest.fixture
def published() -> Iterator[list[str]]:
    """The bodies and headers of messages to workers."""
    found: list[str] = []

    def spy(body: Any = None, headers: Any = None, **_rest: Any) -> None:
        found.append(json.dumps([body, headers], default=str))

    signals.before_task_publish.connect(spy)
    yield found
    signals.before_task_publish.disconnect(spy)


@pytest.fixture
def rows(team: Team) -> Rows:
    """One row of every model, with marked people."""
    found = one_of_each(team)
    Candidate.objects.update(name=f"{MARK} Osei", email=TYPED)
    User.objects.filter(pk=team.recruiter.user.pk).update(name=f"{MARK} Lind")
    return found


def typed_addresses(team: Team, rows: Rows) -> Iterator[str]:
    """Each address of a member's, and each with a mark in place of every part that is no number."""
    for name in OURS:
        known = address_of(name, team.slug, rows)
        yield known
        yield "/" + re.sub(r"<(?!slug:organization|int)[^>]+>", MARK, OURS[name]).replace(
            "<slug:organization>", team.slug
        ).replace("<int:pk>", "1").replace("<int:link>", "1").replace("<int:number>", "1")
    for pattern in PATTERNS.values():
        if not pattern.startswith("o/"):
            yield "/" + re.sub(r"<[^>]+>", MARK, pattern)
    yield from (f"/{MARK}/", f"/o/{MARK}/", f"/admin/{MARK}/", f"/join/{MARK}/", f"/static/{MARK}.js")


@pytest.mark.parametrize("role", ["admin", pytest.param("interviewer", marks=pytest.mark.thorough)])
def test_no_address_with_anything_typed_is_logged(
    role: str, team: Team, rows: Rows, settings: Settings, lines: Lines, published: list[str]
) -> None:
    settings.DEMO = True
    client = Client(raise_request_exception=False)
    client.force_login(getattr(team, role).user)
    ends = ("remove/", "delete/", "disconnect/", "sign-out/")
    for address in sorted(set(typed_addresses(team, rows)), key=lambda address: address.endswith(ends)):
        asked = {"q": TYPED, "page": MARK, "show": MARK, "day_from": MARK}
        page = client.get(address, asked, headers={"Referer": TYPED})
        names = set(FIELD.findall(page.content.decode(errors="replace"))) if not page.streaming else set()
        typed = dict.fromkeys({*names, "name", "email", "q", "subject", "body", "api_key", "message"} - {"once"}, TYPED)
        client.post(f"{address}?q={TYPED}", typed, headers={"Origin": f"https://{MARK}.test"})
    assert "request='GET /o/<organization>/" in lines.text
    assert lines.with_marks() == []
    assert not [body for body in published if MARK in body.lower()]


def test_refused_requests_are_named_by_their_pattern(team: Team, rows: Rows, lines: Lines) -> None:
    client = team.client(team.interviewer)
    assert client.get(team.url(f"candidates/{rows[Candidate].pk}/"), {"q": TYPED}).status_code == 403
    assert client.get(f"/{MARK}/").status_code == 404
    assert f"request='GET /o/<organization>/candidates/{rows[Candidate].pk}/'" in lines.text
    assert "event='Forbidden'" in lines.text and "problem='PermissionDenied'" in lines.text
    assert "request='GET (no such address)'" in lines.text
    assert "Traceback" not in lines.text


def test_a_file_of_people_leaves_nothing(as_admin: Client, team: Team, lines: Lines) -> None:
    page = team.url("candidates/import/")
    for content in (f"Name,E-mail\n{MARK},{TYPED}\n", f"{MARK}\x00", f"name;mail\n{MARK};;;;", "\ud800"):
        data = content.encode("utf-8", "surrogatepass")
        as_admin.post(page, {"file": SimpleUploadedFile(f"{MARK}.csv", data)})
    as_admin.post(page, {"pasted": f"{MARK},{TYPED}"})
    assert lines.with_marks() == []


def test_webhooks_leave_nothing(team: Team, rows: Rows, lines: Lines) -> None:
    hook = f"/hooks/codesignal/{Integration.objects.get().webhook_token}/"
    for body in ({"event": MARK, "triggeredOn": 1, "payload": {"interviewId": MARK, "email": TYPED}}, [MARK], MARK):
        Client().post(hook, body, content_type="application/json")
    Client().post(f"/hooks/codesignal/{MARK}/", {}, content_type="application/json")
    assert "vendor_event_unsigned" in lines.text
    assert lines.with_marks() == []


def test_visitors_leave_nothing(team: Team, rows: Rows, lines: Lines) -> None:
    client = Client(raise_request_exception=False, headers={"User-Agent": MARK, "Referer": f"https://x.test/?{MARK}"})
    for address in ("/sign-in/", "/password/", f"/join/{MARK}/", f"/invitations/{MARK}/", f"/password/{MARK}/{MARK}/"):
        for form in ({"username": TYPED, "login": TYPED, "email": TYPED, "password": MARK}, {}):
            client.post(f"{address}?next=/{MARK}/", form)
            client.get(f"{address}?next=/{MARK}/", form)
    client.get("/sign-in/", headers={"Host": f"{MARK}.test"})
    client.get(f"/join/{JoinLink.objects.get().token}/{MARK}")
    assert "Bad Request" in lines.text
    assert lines.with_marks() == []


def test_caches_hold_nothing_of_anybody(team: Team, rows: Rows, settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": MARK}}
    for address in ("/sign-in/", "/password/", f"/join/{MARK}/"):
        for _ in range(3):
            Client().post(address, {"username": TYPED, "login": TYPED, "email": TYPED, "password": MARK})
    for client in (team.client(team.admin), team.client(team.recruiter)):
        for name in OURS:
            client.get(address_of(name, team.slug, rows), {"q": TYPED})
    kept = caches["default"]
    kept.set("one", 1)
    assert f"{kept._cache.keys()}".count("one") == 1  # type: ignore[attr-defined]
    assert MARK not in f"{kept._cache}".lower()  # type: ignore[attr-defined]


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_recipient_who_is_refused_leaves_nothing(team: Team, lines: Lines, box: MailServer) -> None:  # noqa: F811
    box.rcpt_answers = [f"550 <{TYPED}> is unknown here"] * 9
    schedule = staffed_loop(team, "Coding")
    Candidate.objects.update(name=MARK, email=TYPED)
    propose(schedule, team)
    for message in queue(schedule, team, overridden=True):
        delivery.deliver(message.pk)
    assert Message.objects.filter(audience="candidate", state="failed").exists()
    assert "message_finished" in lines.text
    assert lines.with_marks() == []


def broken(request: HttpRequest, what: str) -> HttpResponse:
    """Break with an error whose text repeats what was typed."""
    typed = request.POST["email"]
    if what == "database":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO organizations_organization (slug) VALUES (%s)", [typed])
    if what == "detail":
        raise IntegrityError(f'duplicate key value violates unique constraint "one"\nDETAIL:  Key (email)=({typed})')
    try:
        int(typed)
    except ValueError as problem:
        raise KeyError(typed) from problem
    return HttpResponse()


urlpatterns = [path("broken/<str:what>/", broken), path("", include("config.urls"))]


@pytest.mark.urls("tests.test_logs")
@pytest.mark.parametrize("what", ["value", "detail", "database", MARK])
def test_errors_are_placed_and_their_texts_left_out(what: str, lines: Lines) -> None:
    client = Client(raise_request_exception=False)
    assert client.post(f"/broken/{what}/?q={TYPED}", {"email": TYPED}).status_code == 500
    assert "request='POST /broken/<what>/'" in lines.text
    assert "tests/test_logs.py" in lines.text and "in broken" in lines.text
    if what in {"value", MARK}:
        assert "builtins.ValueError" in lines.text and "builtins.KeyError" in lines.text
    if what == "detail":
        assert 'duplicate key value violates unique constraint "one"' in lines.text
    assert lines.with_marks() == []


ID = "proxy-0123456789abcdef"


def test_each_line_is_an_object_with_the_ids_of_its_request(team: Team, rows: Rows, json_lines: Lines) -> None:
    client = team.client(team.interviewer)
    answer = client.get(team.url(f"candidates/{rows[Candidate].pk}/"), {"q": TYPED}, headers={"X-Request-ID": ID})
    assert (answer.status_code, answer["X-Request-ID"]) == (403, ID)
    refused = next(line for line in json_lines.objects if line["event"] == "request_finished")
    assert (refused["request_id"], refused["level"], refused["code"]) == (ID, "warning", 403)
    assert (refused["user_id"], refused["organization"]) == (team.interviewer.user.pk, team.organization.pk)
    assert json_lines.with_marks() == []


@pytest.mark.urls("tests.test_logs")
def test_an_error_is_one_object(json_lines: Lines) -> None:
    Client(raise_request_exception=False).post(f"/broken/value/?q={TYPED}", {"email": TYPED})
    failed = next(line for line in json_lines.objects if line["event"] == "request_failed")
    assert "in broken" in failed["exception"] and "builtins.KeyError" in failed["exception"]
    assert json_lines.with_marks() == []


@pytest.mark.parametrize("given", ["", "short", f"{TYPED} and more", "a" * 65, "line\tbreak-12345", f"{ID}=", "ä" * 10])
def test_an_id_that_looks_like_none_is_not_taken(given: str, team: Team, json_lines: Lines) -> None:
    headers = {"X-Request-ID": given, "X-Correlation-ID": TYPED} if given else {}
    answers = [Client().get("/no-such-page/", headers=headers)["X-Request-ID"] for _ in range(2)]
    assert len(set(answers)) == 2 and given not in answers
    assert {line["request_id"] for line in json_lines.objects} == set(answers)
    assert json_lines.with_marks() == []


@shared_task
def say_where(row: int) -> None:
    """Log as a task may, and start another one."""
    structlog.get_logger("scheduling").info("said", row=row)
    if row:
        say_where.apply_async((row - 1,))


def test_the_tasks_of_a_request_have_its_id_and_pass_it_on_to_none(json_lines: Lines) -> None:
    sent: list[dict[str, Any]] = []

    def carry_out(headers: dict[str, Any], **_: Any) -> None:
        sent.append(headers)

    signals.before_task_publish.connect(carry_out)
    try:
        structlog.contextvars.bind_contextvars(request_id=ID)
        say_where.apply_async((1,))
        structlog.contextvars.clear_contextvars()
        say_where.apply((1,), headers={HEADER: sent[0][HEADER]})
        say_where.apply((0,))
        say_where.apply((0,), headers={HEADER: TYPED})
    finally:
        signals.before_task_publish.disconnect(carry_out)
    assert [message.get(HEADER) for message in sent] == [ID, None]
    said = [line for line in json_lines.objects if line["event"] == "said"]
    assert [line.get("request_id") for line in said] == [ID, None, None]
    assert len({line["task_id"] for line in said}) == 3 and {line["task"] for line in said} == {say_where.name}
    assert structlog.contextvars.get_contextvars() == {}
    assert json_lines.with_marks() == []


@pytest.mark.django_db(transaction=True)
def test_a_click_is_followed_to_the_call_of_the_tool(team: Team, json_lines: Lines) -> None:
    schedule, integration = make_loop(team, "Coding"), connect(team)
    interview = schedule.interviews.get()
    sent: list[tuple[tuple[int, ...], dict[str, Any]]] = []

    def keep(sender: str, body: Any, headers: dict[str, Any], **_: Any) -> None:
        if sender == "scheduling.tasks.work_on_link":
            sent.append((body[0], headers))

    signals.before_task_publish.connect(keep)
    try:
        with responses.RequestsMock() as web:
            web.post(installation.CODESIGNAL_API_URL, status=503)
            answer = team.client(team.recruiter).post(
                team.url(f"interviews/{interview.pk}/links/codesignal/add/"), headers={"X-Request-ID": ID}
            )
            assert answer.status_code < 400
            (arguments, headers), *_others = sent
            work_on_link.apply(arguments, headers={HEADER: headers[HEADER]})
    finally:
        signals.before_task_publish.disconnect(keep)
    called = [line for line in json_lines.objects if line["event"] == "codesignal_called"]
    link = CodingLink.objects.get()
    known = {"request_id": ID, "link": link.pk, "organization": team.organization.pk, "integration": integration.pk}
    assert called and all(known.items() <= line.items() for line in called)


@shared_task
def fail_with(row: int) -> None:
    """Fail as a task may: with a row's value in the error."""
    raise RuntimeError(f"{TYPED} {row}")


def test_a_task_that_fails_is_named_with_its_place(lines: Lines) -> None:
    fail_with.apply((17,))
    assert "tests.test_logs.fail_with" in lines.text
    assert "builtins.RuntimeError" in lines.text
    assert lines.with_marks() == []


def test_of_other_libraries_the_place_alone_is_logged(lines: Lines) -> None:
    logging.getLogger("some.library").warning("Refused %s", TYPED)
    logging.getLogger("allauth.account").error(f"No such person: {TYPED}")
    logging.getLogger("kombu.connection").warning("consumer: Cannot connect")
    assert "event='text left out' at='test_logs:" in lines.text
    assert "consumer: Cannot connect" in lines.text
    assert lines.with_marks() == []


def test_messages_to_workers_take_ids(team: Team, published: list[str]) -> None:
    for arguments in ((TYPED,), (1, MARK), (None,), ({"name": 1},)):
        with pytest.raises(TypeError, match="ids"):
            enqueue.send("scheduling.send_message", *arguments)
    assert published == []


def test_every_task_is_made_for_ids() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if name.split(".")[0] in app_names()}
    assert len(ours) > 10
    for name, task in ours.items():
        for parameter in signature(task.run).parameters.values():
            kind = str(parameter.annotation)
            assert (name, parameter.name, kind) in {(name, parameter.name, "int"), (name, parameter.name, "bool")} or (
                parameter.name == "claim" and kind == "str"
            )
    assert app.conf.task_serializer == "json"


def app_names() -> set[str]:
    return {"organizations", "integrations", "jobs", "scheduling"}
