"""An organization's logo and accent: who changes them, who sees them, and when they go."""

from __future__ import annotations

import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from organizations import branding, logo_images
from organizations.models import AuditEvent, Logo, Organization
from tests.conftest import Team

pytestmark = pytest.mark.django_db


def picture(colour: str = "teal", kind: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(written, kind)
    return written.getvalue()


def give_logo(organization: Organization, colour: str = "teal") -> str:
    branding.save_logo(organization, logo_images.read(io.BytesIO(picture(colour))))
    return branding.logo_path(organization)


def test_whoever_has_the_address_of_a_logo_gets_it(client: Client, team: Team) -> None:
    answer = client.get(give_logo(team.organization))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert (shown.format, shown.size) == ("PNG", (64, 48))


def test_a_logo_s_address_tells_nothing_of_its_organization_and_ends_with_it(client: Client, team: Team) -> None:
    before = give_logo(team.organization)
    assert team.organization.slug not in before
    after = give_logo(team.organization, "navy")
    assert before != after
    assert client.get(before).status_code == 404
    branding.remove_logo(team.organization)
    assert client.get(after).status_code == 404
    assert branding.logo_path(team.organization) == ""
    assert not Logo.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "A" * 300, "..%2f..%2fetc%2fpasswd", "%00", "%F0%9F%99%82"])
def test_an_organization_without_a_logo_is_found_by_no_address(token: str, client: Client, team: Team) -> None:
    Logo.objects.create(organization=team.organization, picture=picture())
    assert client.get(f"/logo/{token}.png").status_code == 404


def sent(team: Team, **changes: object) -> dict[str, object]:
    here = team.organization
    kept = {"name": here.name, "time_zone": here.time_zone, "language": "en", "sender_name": "", "reply_to": ""}
    return {
        **kept,
        "join_opens_minutes": 30,
        "invitation_grouping": "day",
        "interviewer_invitations": "calendar",
        "accent_choice": "",
        **changes,
    }


def upload(data: bytes, name: str = "logo.png", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, kind)


def saved(team: Team) -> Organization:
    return Organization.objects.get(pk=team.organization.pk)


def test_an_admin_uploads_a_logo_replaces_and_removes_it(as_admin: Client, team: Team) -> None:
    address = team.url("settings/")
    assert as_admin.post(address, sent(team, logo=upload(picture(kind="WEBP")))).status_code == 302
    first = branding.logo_path(saved(team))
    assert first in as_admin.get(team.url("home/")).content.decode()
    as_admin.post(address, sent(team))
    assert branding.logo_path(saved(team)) == first
    as_admin.post(address, sent(team, logo=upload(picture("navy")), remove_logo="on"))
    assert branding.logo_path(saved(team)) not in {"", first}
    as_admin.post(address, sent(team, remove_logo="on"))
    assert branding.logo_path(saved(team)) == ""
    actions = AuditEvent.objects.filter(action__startswith="organization.logo").order_by("id")
    assert [event.action.rpartition("_")[2] for event in actions] == ["changed", "changed", "removed"]


def test_a_file_that_is_no_logo_is_an_error_beside_the_field(as_admin: Client, team: Team) -> None:
    svg = upload(b"<svg><script>alert(1)</script></svg>", "../../etc/logo.png", "image/png")
    page = unescape(as_admin.post(team.url("settings/"), sent(team, name="New name", logo=svg)).content.decode())
    assert "SVG files can contain programs, so they are refused." in page
    assert 'value="New name"' in page
    assert "etc/logo" not in page
    empty = as_admin.post(team.url("settings/"), sent(team, logo=upload(b""))).content.decode()
    assert "This is no picture that can be read." in empty
    assert saved(team).name == "Acme"
    assert not Logo.objects.exists()


def test_only_admins_change_how_the_organization_looks(
    as_recruiter: Client, as_interviewer: Client, as_outsider: Client, team: Team
) -> None:
    changes = sent(team, accent_choice="#0f766e")
    for client, status in ((as_recruiter, 403), (as_interviewer, 403), (as_outsider, 404)):
        assert client.post(team.url("settings/"), {**changes, "logo": upload(picture())}).status_code == status
    assert not Logo.objects.exists()
    assert saved(team).accent == ""


@pytest.mark.parametrize(
    ("choice", "own", "accent"),
    [
        ("#0f766e", "#123456", "#0f766e"),
        ("own", "#FFCC00", "#ffcc00"),
        ("", "#3447d4", ""),
        ("", "#ffcc00", "#ffcc00"),  # picked, without the choice beside it
    ],
)
def test_an_accent_is_one_of_the_offered_or_an_own_colour(
    choice: str, own: str, accent: str, as_admin: Client, team: Team
) -> None:
    changes = sent(team, accent_choice=choice, own_accent=own)
    assert as_admin.post(team.url("settings/"), changes).status_code == 302
    assert saved(team).accent == accent
    assert (f"/accent/{accent[1:]}.css" in as_admin.get(team.url("home/")).content.decode()) is bool(accent)


def test_a_colour_that_nobody_can_read_is_said_with_the_one_in_its_place(as_admin: Client, team: Team) -> None:
    as_admin.post(team.url("settings/"), sent(team, accent_choice="own", own_accent="#ffcc00"))
    page = as_admin.get(team.url("settings/")).content.decode()
    used = branding.accent_of(saved(team)).on_light
    assert f"#ffcc00 is too light for text, so {used} is used" in " ".join(page.split())
    assert "Accent color" in as_admin.get(team.url("settings/security/")).content.decode()


@pytest.mark.parametrize("wrong", ["red", "#12345", "url(javascript:x)", "#fff;} body{display:none}"])
def test_what_is_no_colour_is_refused(wrong: str, as_admin: Client, team: Team) -> None:
    page = as_admin.post(team.url("settings/"), sent(team, accent_choice="own", own_accent=wrong)).content.decode()
    assert 'id="own-accent-error"' in page
    assert as_admin.post(team.url("settings/"), sent(team, accent_choice=wrong)).status_code == 200
    assert saved(team).accent == ""
