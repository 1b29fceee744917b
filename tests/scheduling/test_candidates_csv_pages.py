"""The pages of import and export: who may, what they show, that an import is all or nothing and happens once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from jobs.models import Job, Stage
from organizations.models import AuditEvent
from scheduling.candidates import imports
from scheduling.models import Candidate, CandidateImport, LinkState
from scheduling.tasks import forget_candidate_imports
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = pytest.mark.django_db


def upload(client: Client, team: Team, data: bytes | str, **more: Any) -> Any:
    content = data.encode() if isinstance(data, str) else data
    return client.post(team.url("candidates/import/"), {"file": SimpleUploadedFile("people.csv", content), **more})


def imported_from(client: Client, team: Team, data: bytes | str, **chosen: str) -> str:
    """Upload, and match the columns as they are guessed or `chosen`. Return the address of the preview."""
    answer = upload(client, team, data)
    assert answer.status_code == 302, answer.content.decode()
    address = str(answer["Location"])
    return matched(client, address, **chosen) if address.endswith("/columns/") else address


def shown(client: Client, address: str, **asked: str) -> dict[str, str]:
    """The fields of "Match columns" as a browser would send them."""
    page = client.get(address, asked).context
    options = page["preview"].options
    sent = {f"c{column.place}": field for column, field in page["rows"]}
    sent |= {"encoding": options.encoding, "separator": options.separator, "header": str(options.header)}
    return sent


def matched(client: Client, address: str, **chosen: str) -> str:
    answer = client.post(address, shown(client, address) | chosen)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def confirm(client: Client, address: str, expected: int, duplicates: str = "skip") -> Any:
    data = {"action": "import", "duplicates": duplicates, "expected": expected}
    return client.post(address, data, follow=True)


def add(team: Team, name: str, email: str = "", **fields: Any) -> Candidate:
    return Candidate.objects.create(organization=team.organization, name=name, email=email, **fields)


def names(team: Team) -> list[str]:
    found = Candidate.objects.filter(organization=team.organization)
    return list(found.order_by("name", "id").values_list("name", flat=True))


@pytest.mark.parametrize("path", ["import/", "import/example/", "import/{pk}/", "import/{pk}/columns/"])
def test_only_recruiters_and_admins(team: Team, other_team: Team, path: str) -> None:
    pk = imported_from(team.client(team.recruiter), team, "Name\nAda").rstrip("/").rsplit("/", 1)[1]
    address = team.url(f"candidates/{path.format(pk=pk)}")
    assert team.client(team.admin).get(address).status_code == 200
    assert team.client(team.recruiter).get(address).status_code == 200
    assert team.client(team.interviewer).get(address).status_code == 403
    assert other_team.client(other_team.admin).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    if "{pk}" in path:
        inside = other_team.url(f"candidates/{path.format(pk=pk)}")
        outsider = other_team.client(other_team.admin)
        assert outsider.get(inside).status_code == 404
        assert confirm(outsider, inside, 1).status_code == 404
        assert confirm(team.client(team.interviewer), address, 1).status_code == 403
    assert names(team) == names(other_team) == []


def test_the_export_holds_no_candidate_of_others(team: Team, other_team: Team, as_recruiter: Client) -> None:
    add(other_team, "Secret Person")
    add(team, "Ada Osei")
    content = as_recruiter.post(team.url("candidates/export/")).getvalue().decode()
    assert "Ada Osei" in content
    assert "Secret Person" not in content


def test_from_file_to_candidates(team: Team, as_recruiter: Client) -> None:
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    address = imported_from(
        as_recruiter,
        team,
        "Name;E-mail;Phone;Time zone;Job;Stage;Notes\nAda;ada@example.com;+49 1;Asia/Tokyo;engineer;onsite;x\n"
        "Grace;;;;;;\n",
    )
    assert names(team) == []
    page = as_recruiter.get(address).content.decode()
    assert "Import 2 candidates" in page
    assert "Columns not imported: Notes" in page
    answer = confirm(as_recruiter, address, 2)
    assert "2 candidates imported." in answer.content.decode()
    ada, grace = Candidate.objects.filter(organization=team.organization).order_by("name")
    assert (ada.email, ada.phone, ada.time_zone, ada.job, ada.stage) == (
        "ada@example.com", "+49 1", "Asia/Tokyo", job, stage,
    )  # fmt: skip
    assert (grace.email, grace.time_zone, grace.job) == ("", "Europe/Berlin", None)
    assert CandidateImport.objects.count() == 0
    event = AuditEvent.objects.get(organization=team.organization, action="candidates.imported")
    assert (event.actor, event.detail["added"]) == (team.recruiter.user, 2)
    assert "ada@example.com" not in f"{event.detail} {event.texts}"


def test_a_second_click_imports_nothing(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, "Name\nAda")
    confirm(as_recruiter, address, 1)
    again = confirm(as_recruiter, address, 1)
    assert "Nothing was imported twice." in again.content.decode()
    assert names(team) == ["Ada"]


def test_two_who_confirm_at_once_import_once(team: Team) -> None:
    row = CandidateImport.objects.create(
        organization=team.organization, uploaded_by=team.admin.user, rows=[[2, {"name": "Ada"}, ""]]
    )

    def run() -> None:
        imports.run_import(stored=row, duplicates="skip", expected=1, actor=team.admin.user)

    run()
    with pytest.raises(CandidateImport.DoesNotExist):
        run()  # holds the row that the first has used up
    assert names(team) == ["Ada"]


def test_with_one_bad_row_nothing_is_imported(team: Team, as_recruiter: Client) -> None:
    address = imported_from(
        as_recruiter, team, "Name,Mail\nAda,ada@example.com\nGrace,grace at example\n,x@example.com\n"
    )
    page = as_recruiter.get(address).content.decode()
    assert "Fix 2 rows" in page
    assert "grace at example" in page
    assert "not an e-mail address" in page
    assert 'value="import"' not in page
    assert page.index("Fix 2 rows") < page.index("1 row is ready")
    refused = confirm(as_recruiter, address, 1)
    assert refused.status_code == 422
    assert "Nothing was imported" in refused.content.decode()
    assert names(team) == []
    assert AuditEvent.objects.filter(action="candidates.imported").count() == 0


@pytest.mark.parametrize(
    ("duplicates", "button", "expected"),
    [
        ("skip", "Import 1 candidate", ["Ada Old", "Grace"]),
        ("update", "Import 2 candidates", ["Ada New", "Grace"]),
        ("add", "Import 2 candidates", ["Ada New", "Ada Old", "Grace"]),
    ],
)
def test_duplicates_by_choice(
    team: Team, as_recruiter: Client, duplicates: str, button: str, expected: list[str]
) -> None:
    ada = add(team, "Ada Old", "ADA@example.com", phone="0171", time_zone="Asia/Tokyo")
    address = imported_from(as_recruiter, team, "Name,Mail\nAda New,ada@example.com\nGrace,g@example.com\n")
    page = as_recruiter.get(address, {"duplicates": duplicates}).content.decode()
    assert button in " ".join(page.split())
    confirm(as_recruiter, address, int(button.split()[1]), duplicates)
    assert names(team) == expected
    ada.refresh_from_db()
    assert (ada.phone, ada.time_zone) == ("0171", "Asia/Tokyo")


def test_an_address_twice_in_the_file(team: Team, as_recruiter: Client) -> None:
    text = "Name,Mail\nAda,a@example.com\nAdam,A@example.com\n"
    page = as_recruiter.get(imported_from(as_recruiter, team, text)).content.decode()
    assert "Same address as an earlier row" in page
    confirm(as_recruiter, imported_from(as_recruiter, team, text), 1)
    assert names(team) == ["Ada"]


def test_an_update_never_guesses_whom_it_means(team: Team, as_recruiter: Client) -> None:
    add(team, "Ada", "shared@example.com")
    adam = add(team, "Adam", "shared@example.com")
    text = "Name,Mail,Phone\nadam,shared@example.com,1\nEve,shared@example.com,2\n"
    confirm(as_recruiter, imported_from(as_recruiter, team, text), 1, "update")
    assert names(team) == ["Ada", "adam"]
    adam.refresh_from_db()
    assert (adam.name, adam.phone) == ("adam", "1")


def test_an_update_to_another_job_drops_the_old_stage(team: Team, as_recruiter: Client) -> None:
    old = Job.objects.create(organization=team.organization, title="Engineer")
    new = Job.objects.create(organization=team.organization, title="Designer")
    stage = Stage.objects.create(organization=team.organization, job=old, name="Onsite")
    ada = add(team, "Ada", "a@example.com", job=old, stage=stage)
    confirm(as_recruiter, imported_from(as_recruiter, team, "Name,Mail,Job\nAda,a@example.com,Designer"), 1, "update")
    ada.refresh_from_db()
    assert (ada.job, ada.stage) == (new, None)


def test_a_new_name_reaches_a_waiting_link(team: Team, as_recruiter: Client) -> None:
    schedule = make_loop(team, "Pairing", email="ada@example.com")
    link = make_link(schedule.interviews.get(), connect(team), LinkState.PENDING)
    text = "Name,Mail\nAda Lovelace,ADA@example.com"
    confirm(as_recruiter, imported_from(as_recruiter, team, text), 1, "update")
    link.refresh_from_db()
    assert (link.candidate_name, link.candidate_email) == ("Ada Lovelace", "ADA@example.com")


def test_what_changed_since_the_preview_is_asked_again(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, "Name,Mail\nAda,a@example.com\nGrace,g@example.com")
    add(team, "Ada", "a@example.com")
    answer = confirm(as_recruiter, address, 2)
    assert answer.status_code == 422
    assert "Import 1 candidate" in answer.content.decode()
    assert names(team) == ["Ada"]


def test_a_stage_that_went_away_since_the_upload(team: Team, as_recruiter: Client) -> None:
    job = Job.objects.create(organization=team.organization, title="Engineer")
    address = imported_from(as_recruiter, team, "Name,Job\nAda,Engineer")
    job.delete()
    answer = confirm(as_recruiter, address, 1)
    assert answer.status_code == 422
    assert "No job has this name" in answer.content.decode()


def test_another_organizations_job_is_not_known(team: Team, other_team: Team, as_recruiter: Client) -> None:
    Job.objects.create(organization=other_team.organization, title="Spy")
    page = as_recruiter.get(imported_from(as_recruiter, team, "Name,Job\nAda,Spy")).content.decode()
    assert "No job has this name" in page


def test_pasted_rows_are_kept_to_be_corrected(team: Team, as_recruiter: Client) -> None:
    text = "Name\tMail\nAda\tnonsense"
    address = matched(as_recruiter, as_recruiter.post(team.url("candidates/import/"), {"pasted": text})["Location"])
    back = f"{team.url('candidates/import/')}?from={address.rstrip('/').rsplit('/', 1)[1]}"
    assert back in as_recruiter.get(f"{address}columns/").content.decode()
    assert "Ada\tnonsense" in as_recruiter.get(back).content.decode()
    assert as_recruiter.get(f"{team.url('candidates/import/')}?from=x1").status_code == 200


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file, or paste"),
        ({"pasted": "Name,Mail"}, "no candidates below"),
        ({"pasted": "Name\nAda" + "a" * 600_000}, "too long to paste"),
    ],
)
def test_a_refused_upload_keeps_what_was_typed(
    team: Team, as_recruiter: Client, data: dict[str, str], words: str
) -> None:
    answer = as_recruiter.post(team.url("candidates/import/"), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert data.get("pasted", "") in page


def test_a_file_and_pasted_rows_at_once(team: Team, as_recruiter: Client) -> None:
    answer = upload(as_recruiter, team, "Name\nAda", pasted="Name\nGrace")
    assert answer.status_code == 422
    assert "Remove the file or the pasted rows." in answer.content.decode()


def test_a_file_that_is_too_large_or_empty(team: Team, as_recruiter: Client) -> None:
    large = upload(as_recruiter, team, b"Name\n" + b"a" * (5 * 1024 * 1024))
    assert large.status_code == 422
    assert "Split it into several" in large.content.decode()
    empty = upload(as_recruiter, team, b"")
    assert empty.status_code == 422
    assert "The file is empty" in empty.content.decode()


def test_a_guessed_encoding_is_shown(team: Team, as_recruiter: Client) -> None:
    page = as_recruiter.get(imported_from(as_recruiter, team, "Name\nZoë".encode("cp1252"))).content.decode()
    assert "read as Western European (Windows-1252)" in page
    assert "Zoë" in page


def test_rows_are_thrown_away_on_demand(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, "Name\nAda")
    as_recruiter.post(address, {"action": "discard"})
    assert (CandidateImport.objects.count(), names(team)) == (0, [])
    assert as_recruiter.get(address).status_code == 404


def test_rows_are_forgotten_after_a_day(team: Team) -> None:
    team_client = team.client(team.recruiter)
    address = imported_from(team_client, team, "Name\nAda")
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=False):
        forget_candidate_imports()
        assert CandidateImport.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        late = team.client(team.recruiter)
        assert late.get(address).status_code == 404
        assert confirm(late, address, 1).status_code == 404
        forget_candidate_imports()
        assert CandidateImport.objects.count() == 0
    assert names(team) == []


def test_the_example_can_be_imported(team: Team, as_recruiter: Client) -> None:
    job = Job.objects.create(organization=team.organization, title="Engineer, Berlin")
    Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    example = as_recruiter.get(team.url("candidates/import/example/"))
    assert example["Content-Disposition"] == 'attachment; filename="candidates-example.csv"'
    confirm(as_recruiter, imported_from(as_recruiter, team, example.getvalue()), 3)
    assert names(team) == ["Ada Lovelace", "Alan Turing", "Hopper, Grace"]


def test_the_export_follows_the_search_and_imports_elsewhere(
    team: Team, other_team: Team, as_recruiter: Client
) -> None:
    add(team, "=Ada", "ada@example.com", phone="+49 170 1", time_zone="Asia/Tokyo")
    add(team, "Grace", "grace@example.com")
    one = as_recruiter.post(team.url("candidates/export/?q=ada@"))
    content = one.getvalue()
    head, row, _end = content.decode("utf-8-sig").split("\r\n")
    assert head == '"Name","E-mail","Phone","Time zone","Job","Stage"'
    assert row.startswith('"\'=Ada","ada@example.com","\'+49 170 1",')
    assert b"Grace" not in content
    assert one["Cache-Control"] == "private, no-store"
    event = AuditEvent.objects.get(action="candidates.exported")
    assert (event.actor, event.detail) == (team.recruiter.user, {"count": 1})
    assert as_recruiter.get(team.url("candidates/export/"))["Location"] == team.url("candidates/")
    everybody = as_recruiter.post(team.url("candidates/export/")).getvalue()
    there = other_team.client(other_team.admin)
    confirm(there, imported_from(there, other_team, everybody), 2)
    copied = Candidate.objects.filter(organization=other_team.organization).order_by("name")
    assert [(each.name, each.email, each.phone, each.time_zone) for each in copied] == [
        ("=Ada", "ada@example.com", "+49 170 1", "Asia/Tokyo"),
        ("Grace", "grace@example.com", "", "UTC"),
    ]


def test_the_list_leads_there_and_keeps_its_search(team: Team, as_recruiter: Client) -> None:
    add(team, "Ada")
    page = as_recruiter.get(team.url("candidates/"), {"q": "Ada", "page": "1"}).content.decode()
    assert team.url("candidates/import/") in page
    assert f'{team.url("candidates/export/")}?q=Ada"' in page
