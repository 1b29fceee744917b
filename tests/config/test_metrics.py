"""`/metrics`: for whoever has the token, with the metrics of the documentation, and at the same cost at any size."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from django.conf import settings as installation
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from integrations.base import Refused, Retryable
from integrations.models import CalendarConnection, Integration
from integrations.vendor_calls import call_in_background
from jobs.models import Job
from organizations.metrics import KEPT
from organizations.tasks import heartbeat
from scheduling.coding_links.runs import FAILING
from scheduling.mail_answers import mailbox
from scheduling.models import AnswerMailbox, LinkRun
from tests.config.running import ROOT
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.mail_answers.mails import arrives

pytestmark = pytest.mark.django_db

TOKEN = "a-token-for-tests-of-metrics"
DOCS = Path(installation.BASE_DIR) / "docs" / "operating.md"


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape() -> dict[str, Metric]:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = list(text_string_to_metric_families(answer.content.decode()))
    assert len({family.name for family in families}) == len(families)
    return {family.name: family for family in families}


def value(metric: str, /, **labels: str) -> float:
    """The value with these labels, all processes together."""
    samples = [sample for family in scrape().values() for sample in family.samples if sample.name == metric]
    return sum(one.value for one in samples if labels.items() <= one.labels.items())


def test_without_the_setting_there_is_no_such_address(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    assert Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"])
def test_a_wrong_token_opens_nothing(given: str, team: Team) -> None:
    client = Client()
    client.force_login(team.admin.user)
    answer = client.get("/metrics", headers={"Authorization": given} if given else {})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"panelist_" not in answer.content


def test_the_documentation_lists_exactly_the_metrics_there_are(team: Team, settings: Settings) -> None:
    settings.IMAP_HOST, settings.IMAP_REPLY_ADDRESS = "imap.example.com", "answers@panelist.example"
    AnswerMailbox.objects.create(key=mailbox.key(), read_at=timezone.now())
    arrives(b"From: a@b.example\r\n\r\nwords")
    integration = connect(team)
    CalendarConnection.objects.create(organization=team.organization, kind="google_workspace")
    make_link(make_loop(team, "Coding").interviews.get(), integration, "ready")
    with responses.RequestsMock(), pytest.raises(Retryable):
        call_in_background(integration, lambda tool: tool.list_templates())
    heartbeat()
    Client().get("/healthz")
    families = scrape().values()
    found = {
        (f"{one.name}_total" if one.type == "counter" else one.name): {
            label for sample in one.samples for label in sample.labels if label != "le"
        }
        for one in families
    }
    rows = re.findall(r"^\| `(panelist_\w+)` \|([^|]*)\|", DOCS.read_text(), re.MULTILINE)
    assert found == {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def test_alerts_of_the_documentation_ask_for_metrics_that_exist() -> None:
    listed = set(re.findall(r"^\| `(panelist_\w+)`", DOCS.read_text(), re.MULTILINE))
    asked = set(re.findall(r"panelist_\w+", DOCS.read_text().split("### Alerts")[1]))
    assert len(asked) >= 5
    assert {name.removesuffix("_count") for name in asked} <= listed


def failing(problem: Exception) -> Any:
    def request(tool: Any) -> None:
        raise problem

    return request


def test_calls_of_vendors_are_counted_by_how_they_ended(team: Team) -> None:
    integration = connect(team)
    calls = "panelist_vendor_call_seconds_count"
    endings = {"rate_limited": Retryable("rate_limited", rate_limited=True), "refused": Refused("email_refused")}
    before = {outcome: value(calls, tool="codesignal", outcome=outcome) for outcome in [*endings, "ok"]}
    errors = value("panelist_vendor_errors_total", code="email_refused")
    for problem in endings.values():
        with pytest.raises(type(problem)):
            call_in_background(integration, failing(problem))
    call_in_background(integration, lambda tool: None)
    after = {outcome: value(calls, tool="codesignal", outcome=outcome) for outcome in before}
    assert after == {outcome: count + 1 for outcome, count in before.items()}
    assert value("panelist_vendor_errors_total", code="email_refused") == errors + 1


def test_requests_are_counted_by_view_and_not_by_address(client: Client, team: Team) -> None:
    client.force_login(team.admin.user)
    home = {"view": "home", "status": "2xx"}
    before = value("panelist_request_seconds_count", **home)
    client.get(f"/o/{team.organization.slug}/home/?q=word-nobody-may-see")
    client.get("/no-such-page/word-nobody-may-see/")
    assert value("panelist_request_seconds_count", **home) == before + 1
    assert value("panelist_request_seconds_count", view="none", status="4xx") >= 1
    text = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert "word-nobody-may-see" not in text


def test_rows_are_counted_by_state_and_nobody_is_named(team: Team) -> None:
    integration = connect(team, state=Integration.State.PAUSED)
    interviews = make_loop(team, "Coding", "Pairing").interviews.order_by("position")
    for interview, state in zip(interviews, ["failed", "ready"], strict=True):
        make_link(interview, integration, state)
    assert value("panelist_links", state="failed") == value("panelist_links", state="ready") == 1
    assert value("panelist_links", state="pending") == 0
    assert value("panelist_integrations", tool="codesignal", state="paused") == 1
    text = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    for word in [team.organization.slug, team.organization.name, "Ada", "ada@example.com", "6789", "Acme", "Coding"]:
        assert not [label for label in re.findall(r"\{.*\}", text) if word in label], word


def test_runs_are_counted_and_one_that_nobody_works_on_is_told(team: Team) -> None:
    def run(title: str, **fields: Any) -> None:
        job = Job.objects.create(organization=team.organization, title=title)
        LinkRun.objects.create(organization=team.organization, job=job, **fields)

    now = timezone.now()
    run("waits", due_at=now - timedelta(minutes=3))
    run("at work", due_at=now + timedelta(seconds=50))
    run("by hand", state="paused", due_at=None)
    run("failing", state="paused", paused_because=FAILING, due_at=None)
    run("over", state="done", due_at=None)
    found = {state: value("panelist_link_runs", state=state) for state in ("running", "paused", FAILING)}
    assert found == {"running": 2, "paused": 1, FAILING: 1}
    assert 180 <= value("panelist_oldest_waiting_seconds", queue="runs") < 600


def test_a_scrape_asks_the_same_however_many_rows_there_are(team: Team) -> None:
    integration = connect(team)
    make_link(make_loop(team, "Alone", email="").interviews.get(), integration, "pending")
    with CaptureQueriesContext(connection) as few:
        scrape()
    loop = make_loop(team, *[f"Interview {number}" for number in range(40)])
    for interview in loop.interviews.all():
        make_link(interview, integration, "pending")
    with CaptureQueriesContext(connection) as many:
        scrape()
    assert len(few) == len(many) <= 12
    counts = [asked["sql"] for asked in many.captured_queries if "COUNT(*)" in asked["sql"] and "LIMIT" in asked["sql"]]
    assert len(counts) == 2
    for sql in counts:
        with connection.cursor() as cursor:
            how = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            if connection.vendor == "postgresql":  # which reads a table of 40 rows otherwise
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute((how + sql).replace("%", "%%"))
            plan = "\n".join(str(row) for row in cursor.fetchall())
        assert re.search(r"link_by_state|message_by_state", plan), plan
        assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan


def test_without_a_database_the_rest_is_still_told() -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("connection refused")

    Client().get("/healthz")
    with connection.execute_wrapper(refuse):
        assert value("panelist_database_up") == 0
        assert value("panelist_request_seconds_count", view="healthz") >= 1
    assert value("panelist_database_up") == 1


ONE = """
import sys
import time
from pathlib import Path
from prometheus_client import Counter
from organizations import metrics
metrics.share(Path(sys.argv[1]))
counter = Counter("tries", "Tries.", ["kind"], registry=metrics.registry)
counter.labels("a").inc(float(sys.argv[2]))
found = [sample for metric in metrics.of_processes() for sample in metric.samples]
print(sum(sample.value for sample in found), len({sample.labels["process"] for sample in found}), flush=True)
sys.stdin.read()
"""


@contextmanager
def process(folder: Path, count: int) -> Iterator[tuple[float, int]]:
    """A process that counts so much: what it reads of all of them, and of how many."""
    command = [sys.executable, "-c", ONE, str(folder), str(count)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None and running.stdout is not None
        total, processes = running.stdout.readline().split()
        yield float(total), int(processes)
        running.stdin.close()


def age(folder: Path) -> None:
    """Let everything that is there have been written long ago."""

    for path in folder.iterdir():
        os.utime(path, (then := time.time() - KEPT - 60, then))


def test_processes_answer_for_each_other_and_ended_ones_go_in_time(tmp_path: Path) -> None:
    with process(tmp_path, 5) as first, process(tmp_path, 7) as second:
        assert (first, second) == ((5, 1), (12, 2))
        age(tmp_path)
        with process(tmp_path, 1) as third:
            assert third == (13, 3)  # who lives is kept, however long it has counted nothing
    with process(tmp_path, 2) as later:
        assert later[1] >= 2  # just ended: the next scrape still sees it
    age(tmp_path)
    with process(tmp_path, 3) as last:
        assert last == (3, 1)
