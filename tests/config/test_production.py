"""Production serves nothing that is for the demo and for tests only."""

from __future__ import annotations

from django.contrib.staticfiles import finders

from tests.conftest import Team


def test_static_files_are_those_of_the_pages() -> None:
    served = {path for finder in finders.get_finders() for path, _storage in finder.list([])}
    assert "vendor/htmx/htmx.min.js" in served
    assert [path for path in served if "axe" in path.lower().split("/")[-1] or "sandbox" in path] == []


def test_the_outbox_is_there_in_the_demo_only(team: Team) -> None:
    client = team.client(team.admin)
    for path in ("outbox/", "outbox/mail-1/", "outbox/mail-1/html/", "outbox/mail-1/1/"):
        assert client.get(f"/o/{team.organization.slug}/{path}").status_code == 404
