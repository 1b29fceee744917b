"""The pages that a visitor reads when something is wrong with a request."""

from __future__ import annotations

from typing import Any

from django.test import Client


def test_a_request_that_is_too_large_is_told_so(client: Client, settings: Any, db: None) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = client.post("/sign-in/", {"login": "x" * 1000, "password": "y"})
    assert response.status_code == 400
    assert "send less at once" in response.content.decode()


def test_an_address_that_is_none_is_told_so(client: Client, db: None) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
