""" "Match columns" and the preview: what is guessed, corrected, remembered, read otherwise, mended and left out."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.models import Job
from scheduling.models import Candidate, CandidateImport, ColumnMatch
from tests.conftest import Team
from tests.scheduling.test_candidates_csv_pages import confirm, imported_from, matched, names, shown, upload
from tests.scheduling.test_import_columns import LINKEDIN, OUTLOOK

pytestmark = pytest.mark.django_db


def columns_of(client: Client, team: Team, data: bytes | str) -> str:
    """Upload a file. Return the address of "Match columns"."""
    address = str(upload(client, team, data)["Location"])
    assert address.endswith("/columns/")
    return address


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("data", [LINKEDIN, OUTLOOK])
def test_from_other_programs_to_candidates(team: Team, as_recruiter: Client, data: str) -> None:
    address = imported_from(as_recruiter, team, data)
    page = words(as_recruiter.get(address))
    assert "Ada Case" in page
    assert "Columns not imported:" in page
    confirm(as_recruiter, address, 1)
    person = Candidate.objects.get()
    assert (person.name, person.email, person.job) == ("Ada Case", "ada@x.example", None)


def test_our_own_file_needs_no_matching(team: Team, as_recruiter: Client) -> None:
    assert not str(upload(as_recruiter, team, "E-mail,Name\na@x.example,Ada")["Location"]).endswith("/columns/")
    assert str(upload(as_recruiter, team, "E-mail,Name,Notes\na@x.example,Ada,x")["Location"]).endswith("/columns/")


def test_a_position_is_the_job_applied_for_when_somebody_says_so(team: Team, as_recruiter: Client) -> None:
    job = Job.objects.create(organization=team.organization, title="Engineer")
    address = columns_of(as_recruiter, team, "Name,Position\nAda,Engineer")
    assert shown(as_recruiter, address)["c1"] == ""
    confirm(as_recruiter, matched(as_recruiter, address, c1="job"), 1)
    assert Candidate.objects.get().job == job


def test_a_choice_is_remembered_for_the_next_file_of_the_kind(
    team: Team, other_team: Team, as_recruiter: Client
) -> None:
    Job.objects.create(organization=team.organization, title="Engineer")
    matched(as_recruiter, columns_of(as_recruiter, team, "Name,Position,Foo\nAda,Engineer,x"), c1="job")
    # Other rows and another order: the same kind.
    address = str(upload(as_recruiter, team, "Foo;Position;NAME\ny;Engineer;Bo")["Location"])
    assert not address.endswith("/columns/")
    page = words(as_recruiter.get(address))
    assert "Bo" in page and "Engineer" in page and "Columns not imported: Foo" in page
    # Changing one's mind is remembered, too.
    assert shown(as_recruiter, f"{address}columns/")["c1"] == "job"
    matched(as_recruiter, f"{address}columns/", c1="")
    again = str(upload(as_recruiter, team, "Name,Position,Foo\nAda,Engineer,x")["Location"])
    assert "Columns not imported: Position, Foo" in words(as_recruiter.get(again))
    assert ColumnMatch.objects.count() == 1
    # Nobody else's files are matched by it.
    there = other_team.client(other_team.admin)
    assert columns_of(there, other_team, "Name,Position,Foo\nAda,Engineer,x")


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"c0": ""}, "No column is matched to a name."),
        ({"c0": "email"}, "“Name” and “Mail” are both matched to E-mail."),
        ({"c0": "nonsense"}, "No column is matched to a name."),
    ],
)
def test_a_choice_that_makes_no_candidates_is_said_and_kept(
    team: Team, as_recruiter: Client, chosen: dict[str, str], sentence: str
) -> None:
    address = columns_of(as_recruiter, team, "Name,Mail,Foo\nAda,a@x.example,x")
    answer = as_recruiter.post(address, shown(as_recruiter, address) | {"c2": "phone"} | chosen)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert dict(answer.context["rows"])[answer.context["preview"].columns[2]] == "phone"
    assert not ColumnMatch.objects.exists()


def test_without_addresses_there_is_a_warning_before_importing(team: Team, as_recruiter: Client) -> None:
    address = columns_of(as_recruiter, team, "Name,Foo\nAda,x")
    warning = "No column is matched to an e-mail address."
    assert warning in words(as_recruiter.get(address))
    preview = matched(as_recruiter, address)
    assert warning in words(as_recruiter.get(preview))
    with_address = imported_from(as_recruiter, team, "Name,Mail\nAda,a@x.example")
    assert warning not in words(as_recruiter.get(with_address))


def test_the_header_is_chosen_by_hand(team: Team, as_recruiter: Client) -> None:
    text = "Name;of;the export\nWer;Wo\nAda;a@x.example\nBo;b@x.example"
    address = columns_of(as_recruiter, team, text)
    page = as_recruiter.get(address, {"header": "2", "separator": ";"})
    assert [column.name for column in page.context["preview"].columns] == ["Wer", "Wo"]
    assert [column.guess for column in page.context["preview"].columns] == ["", "email"]
    preview = matched(as_recruiter, address, header="2", c0="name", c1="email", c2="")
    confirm(as_recruiter, preview, 2)
    assert names(team) == ["Ada", "Bo"]


def test_a_file_without_a_header(team: Team, as_recruiter: Client) -> None:
    address = columns_of(as_recruiter, team, "Ada Case,ada@x.example\nBo Lee,bo@x.example")
    confirm(as_recruiter, matched(as_recruiter, address), 2)
    assert names(team) == ["Ada Case", "Bo Lee"]
    assert not ColumnMatch.objects.exists()


def test_the_encoding_is_chosen_with_a_look_first(team: Team, as_recruiter: Client) -> None:
    address = columns_of(as_recruiter, team, "Name;Foo\nŐry Győző;x".encode("cp1250"))
    assert "Gyõzõ" in words(as_recruiter.get(address))
    with CaptureQueriesContext(connection) as asked:
        live = as_recruiter.get(
            address, {"encoding": "cp1250", "separator": ";", "header": "1"}, headers={"hx-request": "true"}
        )
    assert "Őry Győző" in words(live)
    assert "<html" not in words(live)
    assert not [query for query in asked if not query["sql"].lstrip().upper().startswith("SELECT")]
    preview = matched(as_recruiter, address, encoding="cp1250")
    assert "was read as" not in words(as_recruiter.get(preview))
    confirm(as_recruiter, preview, 1)
    assert names(team) == ["Őry Győző"]


def test_a_choice_of_a_person_stays_when_the_file_is_read_another_way(team: Team, as_recruiter: Client) -> None:
    address = columns_of(as_recruiter, team, "Имя;Foo;Bar\nИван;x;y".encode("koi8-r"))
    asked = {"encoding": "cp1252", "separator": ";", "header": "1", "c1": "phone", "g1": "", "c0": "", "g0": ""}
    wrong = as_recruiter.get(address, asked)
    assert [field for _column, field in wrong.context["rows"]] == ["", "phone", ""]
    right = as_recruiter.get(address, asked | {"encoding": "koi8-r"})
    assert [field for _column, field in right.context["rows"]] == ["name", "phone", ""]


def test_another_separator_finds_the_header_anew(team: Team, as_recruiter: Client) -> None:
    address = columns_of(as_recruiter, team, "a,b\nName;Mail;Foo\nAda;a@x.example;x,y")
    asked = {"encoding": "utf-8", "separator": ";", "separator_before": ",", "header": "1"}
    assert as_recruiter.get(address, asked).context["preview"].options.header == 2


def test_what_can_not_be_read_that_way_is_said_in_place(team: Team, as_recruiter: Client) -> None:
    address = columns_of(as_recruiter, team, 'Name;Foo\n"Ada, ""the first"""; x\nBo;y')
    page = as_recruiter.get(address, {"separator": ",", "encoding": "utf-8"})
    assert page.status_code == 200
    assert "Row 2 can&#x27;t be read" in words(page)
    assert 'name="separator"' in words(page)


@pytest.mark.parametrize(
    "asked",
    [
        {"encoding": "²", "separator": "::", "header": "9" * 5000},
        {"encoding": "../x", "separator": "", "header": "-1"},
        {"encoding": "utf-16", "separator": "\0", "header": "²", "c0": "²", "c" + "9" * 50: "name"},
    ],
)
def test_nonsense_in_the_address_is_ignored(team: Team, as_recruiter: Client, asked: dict[str, str]) -> None:
    address = columns_of(as_recruiter, team, "Name,Foo\nAda,x")
    assert as_recruiter.get(address, asked).status_code == 200
    assert as_recruiter.post(address, asked).status_code in {302, 422}
    assert (
        as_recruiter.post(address.removesuffix("columns/"), {"leave_out": "²", "row-9999999999-name": "x"}).status_code
        == 302
    )


WRONG = "Name,E-mail,Phone,Foo\nAda,ada at x,4.4E+11,x\nBo,bo@x.example,,y\n,nobody@x.example,,z\n"


def mended(client: Client, address: str, **typed: str) -> str:
    """Post the cells of wrong rows as the page shows them, with some typed anew."""
    page = client.get(address).context
    sent = {f"row-{cell.id}": cell.value for row in page["wrong_rows"] for cell in row.cells}
    answer = client.post(address, sent | typed)
    assert answer.status_code == 302
    return words(client.get(address))


def test_a_row_is_mended_in_place(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, WRONG)
    page = words(as_recruiter.get(address))
    assert "Fix 2 rows" in page and "1 row is ready" in page
    # One value right, another still wrong: nothing typed is lost.
    page = mended(as_recruiter, address, **{"row-2-email": "ada@x.example", "row-4-name": "Cy"})
    assert "Fix 1 row" in page and 'value="ada@x.example"' in page and "A spreadsheet shortened this number" in page
    page = mended(as_recruiter, address, **{"row-2-phone": "+44 20 7946"})
    assert "Import 3 candidates" in page
    confirm(as_recruiter, address, 3)
    assert names(team) == ["Ada", "Bo", "Cy"]
    assert Candidate.objects.get(name="Ada").phone == "+44 20 7946"


def test_a_row_is_left_out_and_what_was_typed_elsewhere_stays(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, WRONG)
    page = mended(as_recruiter, address, **{"row-2-email": "ada@x.example", "leave_out": "4"})
    assert "Row 4 is left out." in page and 'value="ada@x.example"' in page
    as_recruiter.post(address, {"action": "restore"})
    page = words(as_recruiter.get(address))
    assert "Fix 2 rows" in page and "left out." not in page
    as_recruiter.post(address, {"action": "leave_out_all"})
    assert "2 rows are left out: 2, 4" in words(as_recruiter.get(address))
    done = confirm(as_recruiter, address, 1)
    assert "1 candidate imported. 2 rows were left out." in words(done)
    assert names(team) == ["Bo"]


def test_what_was_mended_stays_when_columns_are_matched_anew(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, WRONG)
    mended(as_recruiter, address, **{"row-2-email": "ada@x.example", "row-2-phone": "1", "row-4-name": "Cy"})
    matched(as_recruiter, f"{address}columns/", c2="")
    assert "Import 3 candidates" in words(as_recruiter.get(address))


def test_values_behind_the_last_column_are_moved_by_hand(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, "Name,E-mail\nAda,ada@x.example,Countess\n")
    assert "These values have no column" in words(as_recruiter.get(address))
    page = mended(as_recruiter, address, **{"row-2-name": "Ada, Countess", "row-2-": ""})
    assert "Import 1 candidate" in page


def test_only_the_first_of_many_wrong_rows_are_shown(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, "Name,E-mail,Foo\n" + "Ada,wrong,x\n" * 120)
    page = as_recruiter.get(address)
    assert len(page.context["wrong_rows"]) == 50
    assert "70 more rows need fixing. Fix these first." in words(page)


def test_the_first_of_several_addresses_is_taken_with_a_word(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, "Name,E-mail\nAda,ada@x.example; ada@home.example\n")
    assert "There are several addresses. The first is used." in words(as_recruiter.get(address))


def test_a_spelling_of_a_known_address_is_a_duplicate(team: Team, as_recruiter: Client) -> None:
    Candidate.objects.create(organization=team.organization, name="Ada", email="Ada@straße.example")
    address = imported_from(as_recruiter, team, "Name,E-mail\nAda,ada@XN--STRAE-OQA.example\u200b\nBo,bo@x.example\n")
    assert "Import 1 candidate" in words(as_recruiter.get(address))


def test_what_was_imported_or_discarded_can_not_be_mended(team: Team, as_recruiter: Client) -> None:
    address = imported_from(as_recruiter, team, "Name\nAda")
    confirm(as_recruiter, address, 1)
    assert "Nothing was imported twice." in as_recruiter.get(f"{address}columns/", follow=True).content.decode()
    assert as_recruiter.post(address, {"row-2-name": "Bo"}).status_code == 302
    assert names(team) == ["Ada"]
    assert not CandidateImport.objects.exists()


def test_searching_finds_an_address_as_people_write_it(team: Team, as_recruiter: Client) -> None:
    Candidate.objects.create(organization=team.organization, name="Ada", email="ada@straße.example")
    for asked in ("straße", "xn--strae", "ada@straße.example"):
        assert "ada@straße.example" in as_recruiter.get(team.url("candidates/"), {"q": asked}).content.decode()
