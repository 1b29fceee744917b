"""B33: where an interview takes place is one line, and a link only where it leads to what it says."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from organizations.web_addresses import is_link
from scheduling.join_links import services as join_link_services
from tests.conftest import Team
from tests.scheduling.message_steps import staffed_loop
from tests.scheduling.test_schedules import values

LINKS = [
    "https://meet.example/acme",
    "HTTP://Meet.Example",
    "https://meet.example:8443/x?y=z#a",
    "https://zoom.example/j/9?pwd=a@b",
    "http://intranet/rooms/7",
    "https://rooms.acme.internal/",
    "http://10.1.2.3:8080/x",
    "http://192.168.0.5",
    "https://[2001:db8::7]:8443/room",
    "https://bücher.example/zimmer",
    "https://7.meet.example/",
    "http://localhost:8000/join/x",
]
NO_LINKS = [
    "",
    "Room 7",
    "https://",
    "https:///path",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://meet.example/",
    "//meet.example/",
    "https://bank.example@evil.example/",
    "https://bank.example:443@evil.example/",
    "https://good.example\\@evil.example@x/",
    "https://x.test X-Injected: 1",
    "https://x.test\r\nX-Injected: 1",
    "https://x.test/\u202egro.live",
    "https://x.test/\u200b",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fe80::1]/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://[1::2::3]/",
    "https://meet.example:port/",
    "https://" + "a" * 3000,
]


@pytest.mark.parametrize("text", LINKS)
def test_a_meeting_and_an_offices_own_network_are_links(text: str) -> None:
    assert is_link(text)


@pytest.mark.parametrize("text", NO_LINKS)
def test_what_misleads_is_no_link(text: str) -> None:
    assert not is_link(text)


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["https://x.test\r\nX-Injected: 1", "https://bank.example@evil.example/"])
def test_what_misleads_is_text_on_every_page(team: Team, place: str) -> None:
    """The attack: line ends went into the stored place and the link, and any http address was one."""
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False):  # a Monday: nobody is off two days later
        client = team.client(team.recruiter)
        schedule = staffed_loop(team, "Design")
        interview = schedule.interviews.get()
        address = team.url(f"interviews/{interview.pk}/edit/")
        client.post(address, values(interview) | {"rows-0-place": place}, headers={"HX-Request": "true"})
        interview.refresh_from_db()
        assert interview.place == " ".join(place.split())
        join_link_services.make_missing(schedule.pk)
        token = interview.join_links.get(membership=None).token
        pages = [client.get(team.url(f"schedules/{schedule.pk}/")).content.decode()]
        with time_machine.travel(interview.starts_at, tick=False):
            pages.append(Client().get(f"/join/{token}/").content.decode())
        for page in pages:
            assert interview.place in page
            assert 'href="https://x.test' not in page
            assert 'href="https://bank.example' not in page
