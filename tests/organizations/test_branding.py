"""An organization's logo and accent: who changes them, who sees them, and when they go."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from PIL import Image

from organizations import branding, logo_images
from organizations.models import Logo, Organization
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
