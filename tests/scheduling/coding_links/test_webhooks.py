"""Inbound events: to the vendor's letter, and never believed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError, connection
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from integrations.models import Integration
from scheduling.models import LinkState, VendorEvent
from tests.conftest import Team
from tests.scheduling.coding_links.conftest import Bench

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "localhost"])


#: When the bench's clock begins, in the vendor's milliseconds: only fresh events are taken.
NOW = 1_803_891_600_000


def finished(external_id: str, at: int = NOW) -> dict[str, Any]:
    payload = {"interviewId": external_id, "candidateEmail": "ada@example.com", "questionsSolved": 3}
    return {"event": "liveInterviewFinished", "triggeredOn": at, "payload": payload}


def made(bench: Bench) -> Any:
    link = bench.request()
    bench.run()
    link.refresh_from_db()
    return link


def test_the_empty_post_of_a_new_webhook_gets_200(post: Callable[..., int]) -> None:
    assert [post(body) for body in ("", "{}", "[]", "null", "not json")] == [200] * 5
    assert VendorEvent.objects.count() == 0
    assert Integration.objects.get().webhook_seen_at is not None


def test_an_event_has_the_interview_fetched_and_only_that_believed(bench: Bench, post: Callable[..., int]) -> None:
    link = made(bench)
    asked = len(bench.sandbox.requests)
    assert post(finished(link.external_id)) == 200
    assert len(bench.sandbox.requests) == asked, "the vendor is never asked before it has its answer"
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY, "the payload says finished, the vendor does not"
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    assert post(finished(link.external_id, NOW + 1)) == 200
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.FINISHED


def test_a_replay_is_answered_and_does_nothing(bench: Bench, post: Callable[..., int]) -> None:
    link = made(bench)
    assert [post(finished(link.external_id)) for _ in range(3)] == [200] * 3
    assert VendorEvent.objects.filter(trusted=True).count() == 1
    bench.run()
    fetches = [r for r in bench.sandbox.requests if r.operation == "liveInterview"]
    assert len(fetches) == 1


def test_a_wrong_signature_is_answered_noted_and_ignored(bench: Bench, post: Callable[..., int]) -> None:
    link = made(bench)
    assert post(finished(link.external_id), signature="0" * 64) == 200
    assert bench.workers.messages == []
    assert list(VendorEvent.objects.values_list("event", "external_id", "trusted")) == [("unsigned", "", False)]


def test_an_admin_reads_that_signatures_do_not_fit_until_one_does(bench: Bench, post: Callable[..., int]) -> None:
    link, admin = made(bench), bench.team.client(bench.team.admin)

    def page() -> str:
        return admin.get(bench.team.url("settings/integrations/codesignal/")).content.decode()

    assert post("") == 200
    assert "wrong signature" not in page()
    assert post(finished(link.external_id), signature="0" * 64) == 200
    assert "wrong signature" in page()
    assert post(finished(link.external_id)) == 200
    assert "wrong signature" not in page()


def test_word_of_feedback_has_the_feedback_fetched(bench: Bench, post: Callable[..., int]) -> None:
    link = made(bench)
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    assert post(finished(link.external_id)) == 200
    bench.run()
    bench.sandbox.leave_feedback(link.external_id, notes="Solid.")
    payload = {"interviewId": link.external_id, "feedback": {"generalNotes": "Forged."}}
    event = {"event": "liveInterviewFeedbackUpdated", "triggeredOn": NOW + 500, "payload": payload}
    assert post(event) == 200
    bench.run()
    link.refresh_from_db()
    assert [one["notes"] for one in link.feedback] == ["Solid."]


def test_an_address_entered_without_its_last_slash_works_too(bench: Bench, post: Callable[..., int]) -> None:
    link = made(bench)
    assert post("", end="") == 200
    assert post(finished(link.external_id), end="") == 200
    assert VendorEvent.objects.filter(trusted=True).count() == 1


def test_the_secret_of_another_organization_signs_nothing(
    bench: Bench, post: Callable[..., int], other_team: Team
) -> None:
    other = Integration.objects.create(organization=other_team.organization, kind="codesignal")
    assert other.webhook_token != bench.integration.webhook_token
    link, at = made(bench), NOW
    path = f"/hooks/codesignal/{bench.integration.webhook_token}/"
    signed = f"https://panelist.example{path}liveInterviewFinished{at}"
    foreign = hmac.new(other.webhook_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    assert post(finished(link.external_id, at), signature=foreign) == 200
    assert not VendorEvent.objects.filter(trusted=True).exists()


@pytest.mark.parametrize("verbs", [("INSERT", "UPDATE"), ("INSERT", "UPDATE", "SELECT")], ids=["full disk", "away"])
def test_a_database_in_trouble_is_no_news_to_the_vendor(
    bench: Bench, post: Callable[..., int], verbs: tuple[str, ...]
) -> None:
    link = made(bench)

    def trouble(run: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.lstrip().upper().startswith(verbs):
            raise OperationalError("no")
        return run(sql, params, many, context)

    with connection.execute_wrapper(trouble):
        assert [post(finished(link.external_id)), post("")] == [200, 200]
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    # What was not taken in is found by asking, at the latest at the interview's time.
    bench.later(49 * 3600)
    link.refresh_from_db()
    assert link.state == LinkState.FINISHED


def test_stored_keys_that_can_not_be_read_are_no_news_to_the_vendor(
    bench: Bench, post: Callable[..., int], settings: Any
) -> None:
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE integrations_integration SET webhook_secret = %s", [b"what another key has written"])
    assert post("") == 200


def test_an_event_about_somebody_elses_interview_is_answered_and_forgotten(
    bench: Bench, post: Callable[..., int]
) -> None:
    assert post(finished("unheard-of")) == 200
    assert bench.workers.messages == []


def test_an_unknown_address_is_a_404_and_get_is_refused(client: Client, bench: Bench) -> None:
    assert client.post("/hooks/codesignal/guess/", "{}", content_type="application/json").status_code == 404
    assert client.post("/hooks/other/guess/", "{}", content_type="application/json").status_code == 404
    assert client.get(f"/hooks/codesignal/{bench.integration.webhook_token}/").status_code == 405


def test_no_candidate_data_of_a_payload_is_stored(bench: Bench, post: Callable[..., int]) -> None:
    link = made(bench)
    post(finished(link.external_id))
    stored = [str(value) for row in VendorEvent.objects.values() for value in row.values()]
    assert not any("ada@example.com" in value for value in stored)


def test_the_sandbox_delivers_to_a_real_server(bench: Bench, live_server: LiveServer, settings: Any) -> None:
    settings.BASE_URL = live_server.url
    link = made(bench)
    url = f"{live_server.url}/hooks/codesignal/{bench.integration.webhook_token}/"
    bench.sandbox.add_webhook(url, secret=bench.integration.webhook_secret)
    bench.sandbox.start_interview(link.external_id)
    bench.sandbox.finish(link.external_id)
    assert bench.sandbox.wait_webhooks_idle()
    assert VendorEvent.objects.filter(trusted=True, event="finished", external_id=link.external_id).count() == 1
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.FINISHED
