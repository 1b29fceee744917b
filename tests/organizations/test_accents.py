"""An accent colour is changed as little as it takes for everybody to read it."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from organizations.accents import LEAST, ON_DARK, ON_LIGHT, OWN, accent, contrast

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(COLOURS)
def test_every_colour_gets_shades_that_can_be_read(colour: str) -> None:
    shades = accent(colour)
    assert shades.chosen == colour
    assert contrast(shades.on_light, ON_LIGHT) >= LEAST
    assert contrast(shades.on_dark, ON_DARK) >= LEAST
    assert shades.is_readable == (contrast(colour, ON_LIGHT) >= LEAST)


def test_a_colour_that_can_be_read_stays() -> None:
    assert accent("#0b5394").on_light == "#0b5394"
    assert accent("#9fc5e8").on_dark == "#9fc5e8"


def test_the_nearest_shade_keeps_the_hue() -> None:
    shades = accent("#ffcc00")
    red, green, blue = (int(shades.on_light[at : at + 2], 16) for at in (1, 3, 5))
    assert red > green > blue == 0
    assert contrast(shades.on_light, ON_LIGHT) < LEAST + 0.3


@pytest.mark.parametrize("text", ["", "red", "#12345", "#1234567", "#12345g", "url(x)", "#3447d4;"])
def test_what_is_no_colour_means_the_product_s_own(text: str) -> None:
    assert accent(text).chosen == OWN


@pytest.mark.django_db
def test_the_stylesheet_is_made_of_its_address(client: Client) -> None:
    answer = client.get("/accent/ffcc00.css")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert "max-age" in answer["Cache-Control"]
    assert f"--tblr-primary: {accent('#ffcc00').on_light};" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("colour", ["red", "12345", "1234567", "12345G", "}body{", "ABCDEF"])
def test_a_stylesheet_of_no_colour_is_not_there(colour: str, client: Client) -> None:
    assert client.get(f"/accent/{colour}.css").status_code == 404
