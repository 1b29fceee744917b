"""The dialog and the engine together: from a click to the vendor's link in the row, and away again."""

from __future__ import annotations

import pytest

from integrations.sandbox import Fault
from scheduling.models import CodingLink
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.test_communications import seen_in, text_of

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


def test_a_click_becomes_a_link_in_the_row_and_is_removed_again(bench: Bench) -> None:
    interview, client, url = bench.interview(), bench.team.client(bench.team.recruiter), bench.team.url
    progress = url(f"schedules/{interview.schedule_id}/communications/progress/")
    busy = client.post(url(f"interviews/{interview.pk}/links/codesignal/add/")).content.decode()
    seen = {"seen": seen_in(busy), "place": "dialog", "tool": "codesignal"}
    assert client.get(progress, seen).status_code == 204
    bench.run()
    made = client.get(progress, seen).content.decode()
    link = CodingLink.objects.get()
    assert link.url
    assert f'data-copy="{link.url}"' in made
    assert "data-busy" not in made

    removing = client.post(url(f"links/{link.pk}/remove/")).content.decode()
    assert "data-busy" in removing
    bench.run()
    gone = client.get(progress, {"seen": seen_in(removing), "place": "dialog", "tool": "codesignal"}).content.decode()
    assert "Removed" in text_of(gone)
    assert bench.at_vendor() == []


def test_a_key_that_dies_on_the_way_is_said_to_a_recruiter(bench: Bench) -> None:
    interview, client, url = bench.interview(), bench.team.client(bench.team.recruiter), bench.team.url
    bench.sandbox.fault(Fault.UNAUTHORIZED, operation="createLiveInterview")
    client.post(url(f"interviews/{interview.pk}/links/codesignal/add/"))
    bench.run()
    words = text_of(client.get(url(f"schedules/{interview.schedule_id}/links/codesignal/")).content.decode())
    assert "It continues once the connection to CodeSignal works again." in words
    assert "Ask Admin Acme to replace the key." in words
    assert bench.at_vendor() == []
