"""Steps that many tests of links share."""

from __future__ import annotations

from datetime import timedelta

from scheduling import coding_links
from scheduling.models import CodingLink, Interview, LinkState
from tests.scheduling.coding_links.conftest import Bench


def ready(bench: Bench, interview: Interview | None = None) -> CodingLink:
    link = bench.request(interview)
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    return link


def move(interview: Interview, by: timedelta) -> None:
    interview.starts_at += by
    interview.ends_at += by
    interview.save()
    coding_links.interview_changed(interview=interview, actor=None)


def home(bench: Bench) -> str:
    return bench.team.client(bench.team.recruiter).get(bench.team.url("home/")).content.decode()


def latest(interview: Interview) -> CodingLink:
    return CodingLink.objects.filter(interview=interview).latest("id")
