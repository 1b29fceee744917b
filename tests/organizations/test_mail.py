"""The headers of every mail: what mail servers refuse and mail programs misread."""

from __future__ import annotations

import email
import email.policy
import re
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from organizations.mail import Mailbox, mail_domain, new_message_id, own_sender, write
from tests.thorough import mostly

SCRIPTS = {
    "ascii": "Interviews with Acme ",
    "one-word": "Donaudampfschiff",
    "one-umlaut-first": "Änderung of your interviews with Acme on Monday, ",
    "latin": "Vorstellungsgespräche für José Ångström ",
    "greek": "Συνεντεύξεις με την Acme ",
    "cyrillic": "Собеседование в компании ",
    "arabic": "مقابلة مع محمد ",
    "hebrew": "ראיון עם דוד ",
    "persian": "می‌خواهم ",
    "devanagari": "साक्षात्कार ",
    "thai": "สัมภาษณ์",
    "chinese": "面试安排通知",
    "japanese": "面接のご案内、",
    "korean": "면접 안내 ",
    "emoji": "👩🏽‍💻🇩🇪 ",
    "encoded-word": "=?utf-8?q?Bcc?= ",
    "signs": 'A "b" <c@d.example>, (e) \\ f; ',
}


def parsed(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def raw_header(raw: bytes, name: str) -> list[bytes]:
    """The lines of one header, the first without its name."""
    head = raw.replace(b"\r\n", b"\n").split(b"\n\n")[0]
    found = re.search(rb"(?m)^" + name.encode() + rb":((?:.*)(?:\n[ \t].*)*)", head)
    assert found is not None
    return found[1].split(b"\n")


def display_name(raw: bytes, header: str) -> str:
    """As RFC 2047 has it: the blank between two encoded words is none. Python's newer parser keeps it in names."""
    name, _address = parseaddr(str(email.message_from_bytes(raw)[header]).replace("\n", ""))
    return str(make_header(decode_header(name)))


def words(script: str, length: int) -> str:
    """So many signs of a script, without a blank or a joiner at either end."""
    seed = SCRIPTS[script]
    return " ".join((seed * (length // len(seed) + 1))[:length].split()).strip("\u200c\u200d")


@pytest.mark.parametrize("script", mostly(SCRIPTS, 6))
def test_a_subject_of_any_length_begins_on_its_first_line(script: str) -> None:
    for length in range(1, 201):
        subject = words(script, length)
        raw = write(to=[Mailbox("", "ada@example.com")], subject=subject, text="Hello").message().as_bytes()
        lines = raw_header(raw, "Subject")
        assert lines[0].strip(), (length, lines)
        assert all(len(line) <= 76 for line in lines[1:]) and len(lines[0]) + len("Subject:") <= 76
        assert raw.split(b"\n\n")[0].isascii()
        assert parsed(raw)["Subject"] == subject, length


@pytest.mark.parametrize("script", mostly(SCRIPTS, 4))
@pytest.mark.parametrize("header", ["To", "From", "Reply-To"])
def test_a_name_of_any_length_keeps_its_address(script: str, header: str) -> None:
    for length in [*range(1, 80), 120, 150]:
        person = Mailbox(words(script, length), "someone.with.a.name@mail.example.com")
        mail = write(to=[person], sender=person, reply_to=person, subject="Hello", text="Hello")
        raw = mail.message().as_bytes()
        lines = raw_header(raw, header)
        assert lines[0].strip(), (length, lines)
        assert all(len(line) <= 76 for line in lines)
        (address,) = parsed(raw)[header].addresses
        assert address.addr_spec == person.email
        assert display_name(raw, header) == person.name, length


NASTY = [
    "Ada\r\nBcc: all@example.com",
    "Ada\nBcc: all@example.com\n\nHello",
    "Ada\rSubject: other",
    "Ada\u2028Bcc: all@example.com",
    "Ada\u2029Bcc: all@example.com",
    "Ada\x85Bcc: all@example.com",
    "Ada\x0bBcc: all@example.com",
    "Ada\x00Bcc: all@example.com",
    "Ada\u202eBcc: all@example.com",
    'Ada" <eve@example.com>, "Bob',
    "=?utf-8?q?=0D=0ABcc:_all@example.com?=",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_words_of_people_never_become_a_header_or_a_recipient(nasty: str) -> None:
    person = Mailbox(nasty, "ada@example.com")
    mail = write(to=[person], sender=person, reply_to=person, subject=nasty, text=nasty)
    found = parsed(mail.message().as_bytes())
    assert set(found.keys()) == {
        "Content-Type",
        "MIME-Version",
        "Content-Transfer-Encoding",
        "Message-ID",
        "Auto-Submitted",
        "Date",
        "Subject",
        "From",
        "To",
        "Reply-To",
    }
    for header in ("From", "To", "Reply-To"):
        assert [one.addr_spec for one in found[header].addresses] == ["ada@example.com"]
    assert "\u202e" not in found["Subject"]


def test_joiners_of_a_word_stay_and_overrides_go() -> None:
    persian = "می\u200cخواهم"
    assert parsed(write(to=[Mailbox(persian, "a@b.example")], subject="x", text="x").message().as_bytes())[
        "To"
    ].addresses[0].display_name == (persian)
    mail = write(to=[Mailbox("\u202eadA", "a@b.example")], subject="\u202ax\u202c", text="x")
    found = parsed(mail.message().as_bytes())
    assert found["To"].addresses[0].display_name == "adA"
    assert found["Subject"] == "x"


@pytest.mark.parametrize("address", ["", "ada", "@example.com", "ada@", "ädä@example.com", "a da@example.com"])
def test_what_no_server_could_deliver_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match="invalid"):
        write(to=[Mailbox("Ada", address)], subject="x", text="x")


def test_long_lines_and_every_script_arrive_as_they_were_written() -> None:
    text = "\n".join(words(script, 1200) for script in SCRIPTS) + "\n.\n..dots\nFrom here\n"
    raw = write(to=[Mailbox("", "ada@example.com")], subject="x", text=text).message().as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\n")) <= 998
    body = parsed(raw).get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().replace("\r\n", "\n") == text


@pytest.mark.parametrize(
    ("sender", "name", "domain"),
    [
        ("panelist@acme.example", "Panelist", "acme.example"),
        ("Hiring <jobs@mail.acme.example>", "Hiring", "mail.acme.example"),
        ('"Acme, Jobs" <jobs@acme.example>', "Acme, Jobs", "acme.example"),
    ],
)
def test_the_sender_has_a_name_and_its_domain_makes_the_message_id(
    settings: object, sender: str, name: str, domain: str
) -> None:
    settings.DEFAULT_FROM_EMAIL = sender  # type: ignore[attr-defined]
    assert own_sender().name == name
    assert mail_domain() == domain
    assert new_message_id().endswith(f"@{domain}>")
    found = parsed(write(to=[Mailbox("", "ada@example.com")], subject="x", text="x").message().as_bytes())
    assert found["Message-ID"].endswith(f"@{domain}>")
    assert found["From"].addresses[0].display_name == name


def test_only_what_no_person_sent_says_that_it_is_automatic() -> None:
    to = [Mailbox("", "ada@example.com")]
    assert parsed(write(to=to, subject="x", text="x").message().as_bytes())["Auto-Submitted"] == "auto-generated"
    by_hand = write(to=to, subject="x", text="x", automatic=False).message().as_bytes()
    assert parsed(by_hand)["Auto-Submitted"] is None
