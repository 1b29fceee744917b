"""The command: a process that keeps what it knows, and is controlled over HTTP."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.sandbox import ControlError, Fault, NotLoopback, Sandbox, SandboxProcess
from tests.integrations.sandbox.conftest import CREATE, DELETE, LIST, Caller

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def process(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path / "state.db") as running:
        yield running


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "integrations.sandbox", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **environment},
    )


def test_a_killed_sandbox_still_has_everything(process: SandboxProcess) -> None:
    process.configure(mutations_per_second=0)
    key, url = process.make_key(), process.url
    caller = Caller(process.url, key)
    made = [caller.create(candidateEmail=f"c{number}@example.com") for number in range(5)]
    caller.ask(DELETE, id=made[0]["id"])
    process.leave_feedback(made[1]["id"], notes="Good", evaluation="yes", scores={"Problem solving": 2})
    process.finish(made[1]["id"])
    before = process.interviews(live_only=False)
    process.kill()
    process.start()
    assert process.url == url
    assert process.interviews(live_only=False) == before
    assert [each.status for each in before] == ["deleted", "over", "pending", "pending", "pending"]
    assert len(process.interviews()) == 3
    caller = Caller(process.url, key)
    assert len(caller.ask(LIST, first=100).data["liveInterviews"]) == 5
    caller.connection.close()


def test_everything_is_controlled_over_http(process: SandboxProcess) -> None:
    process.configure(mutations_per_second=1)
    key = process.make_key(company="Globex")
    caller = Caller(process.url, key)
    assert [caller.ask(CREATE, fields={}).status for _ in range(2)] == [200, 429]
    assert process.refused_by_rate_limit == 1
    assert process.max_in_any_second("mutation", process.key_id(key)) == 2
    process.forget_requests()
    process.fault(Fault.UNAVAILABLE, operation="liveInterviews", times=5)
    assert caller.ask(LIST).status == 503
    process.clear_faults()
    assert caller.ask(LIST).status == 200
    assert process.faults_fired == {"unavailable": 1}
    assert [(each.operation, each.answered) for each in process.requests] == [
        ("liveInterviews", "fault:unavailable"),
        ("liveInterviews", "ok"),
    ]
    assert process.wait_for_requests(2, "liveInterviews", answered=True)
    template = process.add_template("Ours", company="Globex")
    assert process.templates(company="Globex")[template] == "Ours"
    made = process.add_interview(company="Globex", candidate_email="x@example.com", hours=2, template_id=template)
    assert made in process.interviews(company="Globex")
    assert made not in process.interviews(company="Acme Corp")
    process.start_interview(made.id)
    process.delete(made.id)
    process.advance(336 * 3600)
    assert process.interviews() == []
    process.revoke(key)
    assert caller.ask(LIST).status == 401
    assert process.webhook_states() == []
    assert process.wait_webhooks_idle()
    caller.connection.close()


def test_a_control_call_that_cannot_be_done_says_why(process: SandboxProcess) -> None:
    with pytest.raises(ControlError, match="no such interview"):
        process.finish("nobody")
    with pytest.raises(ControlError, match="no such interview"):
        process.delete("nobody")
    with pytest.raises(ControlError, match="Unknown permission"):
        process.make_key(permissions=["root"])
    with pytest.raises(ControlError, match="Unknown setting"):
        process.configure(colour="red")
    with pytest.raises(ControlError, match="Unknown action"):
        process.call("stop")
    with pytest.raises(ControlError, match="empty payload"):
        process.add_webhook("http://127.0.0.1:9/")


def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    process = SandboxProcess(tmp_path / "state.db").start()
    process.add_interview()
    assert process.stop() == 0
    assert [each.name for each in tmp_path.iterdir()] == ["state.db"], "the journal was folded in and closed"


def test_the_first_start_makes_a_company_and_the_seeded_key_works(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state.db"
    with SandboxProcess(state, options=["--seed-key"]) as process:
        assert len(process.templates()) >= 4
    file = Path(f"{state}.key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = file.read_text().strip()
    file.unlink()
    with SandboxProcess(state, options=["--seed-key", "--base-url", "http://sandbox.test/"]) as process:
        caller = Caller(process.url, key)
        assert caller.create()["url"].startswith("http://sandbox.test/live/")
        caller.connection.close()
    assert not file.exists(), "only the first start makes a key"
    assert key.encode() not in state.read_bytes()


def test_a_key_given_in_the_environment_is_the_seeded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_SEED_KEY", "a-key-that-somebody-chose")
    with SandboxProcess(options=["--seed-key"]) as process:
        caller = Caller(process.url, "a-key-that-somebody-chose")
        assert caller.ask("{ company { name } }").data == {"company": {"name": "Acme Corp"}}
        caller.connection.close()


def test_it_refuses_to_be_reachable_from_elsewhere() -> None:
    refused = run("--host", "0.0.0.0")
    assert refused.returncode == 2
    assert "--demo" in refused.stderr
    for host in ("0.0.0.0", "", "192.0.2.1", "example.com", "::"):
        with pytest.raises(NotLoopback):
            Sandbox(host=host)
    assert Sandbox(host="::1", port=1).url == "http://[::1]:1"


def test_bad_options_end_with_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        busy = run("--port", port)
    assert (busy.returncode, f"Cannot listen on 127.0.0.1 port {port}" in busy.stderr) == (2, True)
    broken = tmp_path / "broken.db"
    broken.write_text("This is not a database at all, but long enough to be looked at." * 20)
    assert "state file cannot be used" in run("--state", str(broken)).stderr
    assert "negative" in run("--latency-ms", "-1").stderr
    assert "--seed-key needs" in run("--seed-key", SANDBOX_SEED_KEY="").stderr
    assert "Cannot listen" in run("--port", "99999").stderr
    assert "Traceback" not in busy.stderr


def test_its_log_names_no_key_and_no_candidate(tmp_path: Path) -> None:
    key = "a-key-that-somebody-chose"
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "integrations.sandbox", "--seed-key"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "SANDBOX_SEED_KEY": key},
        )
        assert process.stdout is not None
        caller = Caller(process.stdout.readline().split()[-1], key)
        made = caller.create(candidateEmail="ada@example.com", candidateName="Lovelace")
        assert caller.get(f"/live/{made['id']}?key={key}").status == 200
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()
    text = (tmp_path / "log").read_text()
    assert "POST /graphql 200" in text
    assert "GET /live/* 200" in text
    for secret in ("ada@", "Lovelace", key, made["id"]):
        assert secret not in text
