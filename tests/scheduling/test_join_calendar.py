"""An interview goes from its join page into a calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db.models import F
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from scheduling.models import Interview, JoinLink
from tests.conftest import Team
from tests.scheduling.test_join import address_of, clock, interview, page, path, ready  # noqa: F401

pytestmark = pytest.mark.django_db


def test_it_goes_into_a_calendar_and_names_nobody(
    client: Client,
    team: Team,
    interview: Interview,  # noqa: F811
    clock: time_machine.Traveller,  # noqa: F811
) -> None:
    ready(team, interview)
    assert "Add to calendar" in page(client, interview)
    answer = client.get(f"{path(interview)}calendar/")
    assert answer["Content-Disposition"] == 'attachment; filename="interview.ics"'
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["SUMMARY"], event["LOCATION"]) == ("Coding with Acme", address_of(interview))
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (interview.starts_at, interview.ends_at)
    assert interview.schedule.candidate.email not in answer.content.decode()
    assert "ATTENDEE" not in event

    Interview.objects.update(starts_at=F("starts_at") + timedelta(hours=1), ends_at=F("ends_at") + timedelta(hours=1))
    (moved,) = Calendar.from_ical(client.get(f"{path(interview)}calendar/").content).walk("VEVENT")
    assert moved["UID"] == event["UID"]
    assert moved.decoded("DTSTART") == event.decoded("DTSTART") + timedelta(hours=1)


@pytest.mark.parametrize("reason", ["revoked", "cancelled", "over"])
def test_what_does_not_take_place_goes_into_no_calendar(
    client: Client,
    team: Team,
    interview: Interview,  # noqa: F811
    clock: time_machine.Traveller,  # noqa: F811
    reason: str,
) -> None:
    place = path(interview)
    if reason == "revoked":
        JoinLink.objects.update(revoked_at=timezone.now())
    elif reason == "cancelled":
        Interview.objects.update(state=Interview.State.CANCELLED)
    else:
        clock.shift(timedelta(days=3))
    assert "Add to calendar" not in client.get(place).content.decode()
    assert client.get(f"{place}calendar/")["Location"] == place
