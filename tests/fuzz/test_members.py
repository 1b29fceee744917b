"""Requests of a member, with any values: no answer is a server error, and no other organization's row is changed.

What can be sent is found on the product's own pages and by watching what its views look for. A parameter that is found
in neither way, but stands in the source, fails here.
"""

from __future__ import annotations

from itertools import product

import pytest
from django.urls import reverse

from jobs.models import Job, PlanInterview, Stage
from scheduling.models import Candidate, CandidateImport, Interview, Schedule
from tests.conftest import Team
from tests.everything import Rows
from tests.fuzz.attack import attack, senders, wrong_values
from tests.fuzz.conftest import THOROUGHLY
from tests.fuzz.forms import Sent
from tests.fuzz.probe import Probe, Share
from tests.fuzz.source import names_in_source
from tests.fuzz.test_strangers import OF_VISITORS
from tests.fuzz.values import BOUNDARY, FILES, PARTS, VALUES, bodies, uploaded
from tests.test_addresses import OURS, PATTERNS, VISITORS, address_of

pytestmark = pytest.mark.django_db

#: Names that no page sends to somebody who is signed in: of directories, of a provider's answer, of second steps, and
#: of the Django admin's own forms. Each has tests of its own.
ELSEWHERE = {
    "SAMLResponse",
    "RelayState",
    "answer",
    "__id__exact",
    "from_row",
    "filter",
    "startIndex",
    "iss",
    "error",
    "code",
    "credential",
    "remember",
    "old_password",
    "new_password1",
    "new_password2",
}


def pages(team: Team, rows: Rows) -> list[str]:
    """Each address of the organization and of visitors; each import, a new schedule with a plan, and a day."""
    planned = rows[PlanInterview]
    assert isinstance(planned, PlanInterview)
    stage, person = planned.plan.stage, rows[Candidate].pk
    plan = f"job={stage.job_id}&stage={stage.pk}&candidate={person}"
    day = f"entry_zone=Europe/Berlin&day=2027-03-01&candidate={person}&people={team.interviewer.pk}"
    day += f"&schedule={rows[Schedule].pk}"
    every = [address_of(name, team.slug, rows) for name in OURS]
    every += [reverse(name) for name in VISITORS if "<" not in PATTERNS[name]]
    imports = CandidateImport.objects.filter(organization=team.organization).order_by("pk")
    every += [reverse("candidates-import-confirm", args=[team.slug, one.pk]) for one in imports]
    return [*every, team.url(f"schedules/new/?{plan}"), team.url(f"schedules/new/day/?{day}")]


def further_on(team: Team, rows: Rows) -> list[tuple[str, Sent]]:
    """Requests that pages send only after clicks: somebody new, the question that another time zone brings, what is
    done with ticked rows once that is confirmed, a filter with a name, plans that are rearranged, and joining at once.
    """
    builder = {
        "part": "form",
        "changed": "time_zone",
        "candidate": "new",
        "new-name": "Ada Osei",
        "new-time_zone": "Asia/Tokyo",
        "time_zone": "Europe/Berlin",
        "rows-zone": "Europe/Berlin",
        "zone-before": "Asia/Tokyo",
        "zone-kept": "moment",
        "zone-keep": "clock",
        "rows-count": "1",
        "rows-0-name": "Coding",
        "rows-0-minutes": "60",
        "rows-0-date": "2027-03-01",
        "rows-0-time": "10:00",
    }
    ticked = {"schedule": f"{rows[Schedule].pk}", "confirmed": "yes"}
    by_a_day = {"amount": "1", "unit": "days", "shown": "86400", "quick": ""}
    answers = {
        "anyway": f"{rows[Schedule].pk}",
        "conflict": f"{rows[Schedule].pk} x",
        "version": f"{rows[Schedule].pk} x",
    }
    sent = {
        "schedules/new/": builder,
        "schedules/selected/links/": ticked,
        "schedules/selected/messages/": ticked | {"message": "1:x"},
        "schedules/selected/move/": ticked | by_a_day | answers,
        "filters/schedules/": {"name": "Mine", "query": "job=1"},
    }
    sent[f"schedules/{rows[Schedule].pk}/plan/"] = {
        "part": "form",
        "do": "add",
        "removed": f"{rows[Interview].pk}",
        "version": "x",
        "reason": "x",
        "note": "x",
        "rows-count": "1",
        "rows-0-interview": f"{rows[Interview].pk}",
        "rows-0-seen": "x",
        "rows-0-name": "Coding",
        "rows-0-date": "2027-03-01",
        "rows-0-time": "10:00",
    }
    job, stage, planned = (rows[model].pk for model in (Job, Stage, PlanInterview))
    sent |= {
        f"jobs/{job}/restore/": {"state": "x"},
        f"jobs/{job}/stages/order/": {"seen": f"{stage}", "row": f"{stage}"},
        f"jobs/stages/{stage}/move/": {"direction": "up"},
        f"jobs/stages/{stage}/interviews/new/": {"line": "1", "pasted": "Coding 60\nTalk", "kind": "video"},
        f"jobs/stages/{stage}/interviews/order/": {"seen": f"{planned}", "row": f"{planned}"},
        f"jobs/interviews/{planned}/move/": {"direction": "down"},
    }
    calendars, own = "settings/integrations/calendars", "settings/profile/calendars"
    sent |= {
        f"{calendars}/google_workspace/connect/": {"service_account": "{}", "admin": "ada@example.com"},
        f"{calendars}/microsoft_365/connect/": {
            "tenant_id": "t",
            "client_id": "c",
            "client_secret": "s",
            "expires_on": "2028-03-01",
        },
        f"{own}/caldav/connect/": {"address": "https://cal.example/", "username": "ada", "password": "x"},
        f"{own}/ics_feed/connect/": {"address": "https://cal.example/feed.ics"},
    }
    asked = [
        (address, Sent(team.url(address), "GET", {name: ["1"] for name in names}))
        for address, names in {
            f"{own}/google/consent/": ["connection"],
            f"{own}/caldav/connect/": ["connection", "check"],
        }.items()
    ]
    posts = [
        (address, Sent(team.url(address), "POST", {name: [value] for name, value in fields.items()}))
        for address, fields in sent.items()
    ]
    return [
        *asked,
        *posts,
        ("interview-join", Sent(address_of("interview-join", team.slug, rows), "GET", {"enter": ["now"]})),
    ]


@pytest.mark.timeout(1800)  # some minutes on a quiet machine, and many on a busy one
@pytest.mark.parametrize("share", [pytest.param(THOROUGHLY, marks=pytest.mark.thorough)], indirect=True)
def test_no_value_of_any_parameter_is_an_error(
    probe: Probe, team: Team, rows: Rows, theirs: Rows, share: Share, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: set[tuple[str, str, str]] = set()
    for target, sent in [*senders(probe, pages(team, rows), "/"), *further_on(team, rows)]:
        tried |= {(target, sent.method, name) for name in attack(probe, target, sent, theirs, share)}
    names = {name for _target, _method, name in tried}
    with capsys.disabled():
        print(
            f"\n{len(OURS)} addresses, {len(tried)} parameters ({len(names)} names), {len(VALUES)} values: "
            f"{probe.asked} requests, {probe.wrote} of them wrote, {len(probe.problems)} problems"
        )
    assert not probe.problems, probe.report()
    known = names | {name.rpartition("-")[2] for name in names} | OF_VISITORS | ELSEWHERE
    assert {name: where for name, where in names_in_source().items() if name not in known} == {}


@pytest.mark.timeout(600)
@pytest.mark.thorough
def test_no_field_of_any_form_takes_a_wrong_value_for_an_error(
    probe: Probe, team: Team, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    """The short form of the test above: each field of each form, and no names that pages do not send."""
    forms = [(name, sent) for name, sent in senders(probe, pages(team, rows), "/") if sent.method == "POST"]
    fields = wrong_values(probe, [*forms, *further_on(team, rows)])
    with capsys.disabled():
        print(f"\n{len(forms)} forms, {fields} fields: {probe.asked:,} requests, {len(probe.problems)} problems")
    assert fields > 150
    assert not probe.problems, probe.report()


def test_no_file_is_an_error(probe: Probe, team: Team, rows: Rows) -> None:
    taken = [sent for _name, sent in senders(probe, [address_of("candidates-import", team.slug, rows)], team.url())]
    places = [(sent.address, name) for sent in taken for name in sent.uploads]
    assert places
    for (address, name), content in product(places, FILES):
        body = uploaded(name, content)
        probe.ask("POST", address, body=body, content_type=BOUNDARY, what=f"{content!r:.60}")
    assert not probe.problems, probe.report()


def test_no_part_of_any_address_is_an_error(probe: Probe, team: Team, rows: Rows, share: Share) -> None:
    for name in OURS:
        parts = address_of(name, team.slug, rows).strip("/").split("/")
        places = [place for place, part in enumerate(OURS[name].strip("/").split("/")) if part.startswith("<")]
        for place in places:
            for value in PARTS:
                if (name, place, value) in share:
                    changed = "/".join([*parts[:place], value, *parts[place + 1 :]])
                    for method in ("GET", "POST"):
                        probe.ask(method, f"/{changed}/")
    assert not probe.problems, probe.report()


def test_no_body_is_an_error(probe: Probe, team: Team, rows: Rows, share: Share) -> None:
    for name in OURS:
        address = address_of(name, team.slug, rows)
        for content_type, body in bodies("name"):
            if (name, content_type, body) in share:
                probe.ask("POST", address, body=body, content_type=content_type, what=f"{content_type} {body!r:.40}")
    assert not probe.problems, probe.report()
