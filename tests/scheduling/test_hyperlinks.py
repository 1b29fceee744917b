"""Addresses in mails lead where they were typed to lead."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest

from organizations.hyperlinks import linked
from scheduling.models import Interview
from tests.conftest import Team
from tests.scheduling.message_steps import send, staffed_loop
from tests.scheduling.test_preview_is_sent import part

AS_TYPED = [
    "https://meet.example/a%2Fb",
    "https://meet.example/a%2fb%20c%25",
    "https://meet.example/?pwd=YWJj==",
    "https://meet.example/j/123?pwd=a%3D%3D&omn=1",
    "https://meet.example/room;jsessionid=1;v=2",
    "https://meet.example/?a;b;c",
    "https://meet.example/?key",
    "https://meet.example/?key&other=1&&x=",
    "https://meet.example/?a=1&amp;b=2",
    "https://meet.example/?a=1&lt=2&copy=3",
    "https://meet.example/wiki/Panel_(interview)",
    "https://meet.example/[room]",
    "https://meet.example/{room}",
    "https://[2001:db8::7]:8443/room",
    "http://10.1.2.3:8080/x",
    "https://bücher.example/zimmer",
    "https://xn--bcher-kva.example/zimmer",
    "https://meet.example/søk/艾达?q=ü",
    "https://meet.example/#/room/1?x=/y",
    "https://meet.example/#!/a'b",
    "https://meet.example/a+b~c!$&'()*,=:@d",
    "https://meet.example/a|b^c`d",
    "https://meet.example/a\\b",
    "https://meet.example//double//slash/",
    "https://meet.example/../up/./here",
    "https://meet.example",
    "https://meet.example/",
    "HTTPS://Meet.Example/Room",
    "https://teams.example/l/meetup-join/19%3ameeting_Ab%40thread.v2/0?context=%7b%22Tid%22%3a%221%22%7d",
    "https://zoom.example/j/9?pwd=Q1.1",
    "https://localhost:8000/x",
    "https://meet.example/" + "a" * 900,
    "https://meet.example/?redirect=https://other.example/%3Fa%3Db",
]


class Anchors(HTMLParser):
    """The links and tags that a mail program finds in the markup."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.text = ""
        self._href: str | None = None
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self._href = dict(attrs)["href"] or ""
            self.found.append((self._href, ""))

    def handle_endtag(self, tag: str) -> None:
        self._href = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._href is not None:
            self.found[-1] = (self._href, self.found[-1][1] + data)


@pytest.mark.parametrize("address", AS_TYPED)
@pytest.mark.parametrize(
    "around", ["{}", "Video call: {}", "Join {} now.", "({})", "<{}>", "“{}”", "{}\nroom 3", "{}, or"]
)
def test_an_address_is_linked_as_it_was_typed(address: str, around: str) -> None:
    text = around.replace("{}", address)
    read = Anchors(linked(text))
    assert read.found == [(address, address)]
    assert read.text == text
    assert set(read.tags) == {"a"}


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("See https://a.example/x.", "https://a.example/x"),
        ("See https://a.example/x...", "https://a.example/x"),
        ("See https://a.example/x?!", "https://a.example/x"),
        ("See https://a.example/x; then", "https://a.example/x"),
        ("(see https://a.example/x)", "https://a.example/x"),
        ("(see https://a.example/x_(y).)", "https://a.example/x_(y)"),
        ("[https://a.example/x]", "https://a.example/x"),
        ("会议：https://a.example/x。", "https://a.example/x"),
        ("https://a.example/x、二", "https://a.example/x、二"),
        ("'https://a.example/x'", "https://a.example/x"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("https://a.example/x\u200bmore", "https://a.example/x"),
        ("https://a.example/x\u202egro.live", "https://a.example/x"),
        ("www.a.example/x%2Fy", "https://www.a.example/x%2Fy"),
        ("WWW.a.example", "https://WWW.a.example"),
        ("Write to ada.o+x@a.example.", "mailto:ada.o+x@a.example"),
    ],
)
def test_what_ends_the_sentence_is_no_part_of_it(text: str, href: str) -> None:
    read = Anchors(linked(text))
    assert [found for found, _words in read.found] == [href]
    assert read.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Room 7",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://.",
        "http://)",
        "www.",
        "www.x",
        "file.txt and a.b.c",
        "ftp://a.example/x",
        "https://user@meet.example/x",
        "http://169.254.169.254/latest/meta-data/",
        "a@b",
        "@a.example",
        "10:00 – 11:00",
    ],
)
def test_what_is_no_address_stays_text(text: str) -> None:
    read = Anchors(linked(text))
    assert read.found == []
    assert read.text == text


@pytest.mark.parametrize(
    "text",
    [
        'https://a.example/"><script>alert(1)</script>',
        "https://a.example/'onclick='x",
        "https://a.example/<b>",
        "<a href='https://a.example/'>x</a>",
        'https://a.example/" style="x',
        "x@a.example<script>",
        "https://a.example/&quot;onmouseover=x",
        "</a><img src=x>",
    ],
)
def test_nothing_in_it_becomes_markup(text: str) -> None:
    markup = linked(text)
    read = Anchors(markup)
    assert set(read.tags) <= {"a"}
    assert read.text == text
    assert all(not href.lower().startswith("javascript") for href, _words in read.found)
    assert re.fullmatch(r'(?:[^<]|<a href="[^"<>]*">[^<]*</a>)*', markup)


def test_it_takes_no_longer_for_longer_text() -> None:
    text = ("https://" * 3000) + ("(" * 3000) + ("www." * 3000) + ("a@" * 3000) + ("a." * 3000)
    assert html.unescape(re.sub(r"</?a[^>]*>", "", linked(text))) == text


@pytest.mark.django_db
@pytest.mark.parametrize("address", AS_TYPED[:16])
def test_a_mail_leads_to_the_room_that_was_typed(team: Team, address: str) -> None:
    schedule = staffed_loop(team, "Coding")
    Interview.objects.update(place=address)
    for found in send(schedule, team):
        anchors = Anchors(part(found, "text/html"))
        assert (address, "Join video call") in anchors.found
        assert address in part(found, "text/plain")
