"""Names are found and sorted as people do, whatever their case, accents and composition, on every database."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from jobs.models import Job
from organizations import search
from organizations.models import Membership, User
from organizations.search import LONGEST, fold, found_by, search_key
from scheduling.models import Candidate, Schedule
from tests.conftest import Team
from tests.organizations.member_forms import profile_of

pytestmark = pytest.mark.django_db

#: A stored name, and what people type for it.
FOUND = [
    ("Élodie Durand", ["élodie", "ÉLODIE", "Elodie", "elodie durand", "durand élodie", "lod"]),
    ("Жанна Фриске", ["жанна", "ЖАННА", "Фриске", "фриск жан"]),
    (unicodedata.normalize("NFD", "Zoë Brontë"), ["Zoë", "zoe", "ZOË", unicodedata.normalize("NFD", "brontë")]),
    ("Zoë Keeler", [unicodedata.normalize("NFD", "zoë"), "keeler zoe"]),
    ("Anna Straße", ["strasse", "STRASSE", "straße"]),
    ("Łukasz Żak", ["lukasz", "łukasz", "ŁUKASZ ŻAK", "zak"]),
    ("İpek Işık", ["ipek", "İPEK", "isik", "ışık"]),
    ("Søren Ærø", ["soren", "SØREN", "aero"]),
    ("Nguyễn Thị Đào", ["nguyen", "đào", "dao thi"]),
    ("Siobhán O’Neill", ["o'neill", "oneill", "O’NEILL", "siobhan"]),
    ("María Villanueva-Echeverría", ["villanueva echeverria", "maria-villanueva"]),
    ("Σίσυφος", ["σισυφος", "ΣΊΣΥΦΟΣ"]),
    ("أَحْمَد", ["احمد", "أحمد"]),
    ("田中 さくら", ["田中", "さくら"]),
    ("가나다", [unicodedata.normalize("NFD", "가나")]),
    ("Ann\u200b\u202e Lee", ["ann lee"]),
    ("100%_Real", ["100%", "%_r"]),
]
#: In the order in which people look for them.
SORTED = [
    "Amal",
    "Édith",
    "Elodie",
    "Élodie",
    "Émile",
    "Eric",
    "łucja",
    "Mona",
    "ÖZIL",
    "Pia",
    "Żaneta",
    "zoe",
    "Жанна",
]


def candidates(client: Client, team: Team, words: str) -> list[str]:
    return [person.name for person in client.get(team.url("candidates/"), {"q": words}).context["page"]]


@pytest.mark.parametrize(("name", "searches"), FOUND)
def test_candidates_are_found_as_people_write_them(
    name: str, searches: list[str], team: Team, as_recruiter: Client
) -> None:
    person = Candidate.objects.create(organization=team.organization, name=name)
    person.refresh_from_db()
    stored = person.name  # cleaned, where it came with signs that nobody sees
    Candidate.objects.create(organization=team.organization, name="Somebody Different")
    for words in searches:
        assert candidates(as_recruiter, team, words) == [stored], words
        offered = as_recruiter.get(team.url("candidates/find/"), {"q": words}).content.decode()
        assert escape(stored) in offered and "Somebody Different" not in offered, words


@pytest.mark.parametrize("words", ["élo die q", "%", "_", "\\", "durant", "élodie жанна"])
def test_what_is_not_there_is_not_found(words: str, team: Team, as_recruiter: Client) -> None:
    Candidate.objects.create(organization=team.organization, name="Élodie Durand", email="ed@example.org")
    assert candidates(as_recruiter, team, words) == []


def test_addresses_are_found_whatever_their_case(team: Team, as_recruiter: Client) -> None:
    Candidate.objects.create(organization=team.organization, name="Ada", email="Ada.Osei-King@Example.ORG")
    for words in ("ada.osei-king@example.org", "OSEI-KING", "example.org ada"):
        assert candidates(as_recruiter, team, words) == ["Ada"]


def test_a_search_without_any_letter_hides_nobody(team: Team, as_recruiter: Client) -> None:
    Candidate.objects.create(organization=team.organization, name="Ada")
    assert candidates(as_recruiter, team, "’") == ["Ada"]


def test_members_are_found_and_sorted_alike(team: Team, as_admin: Client) -> None:
    for number, name in enumerate(reversed(SORTED)):
        user = User.objects.create_user(f"{number}@acme.example", name=name)
        Membership.objects.create(organization=team.organization, user=user, role="interviewer")

    def names(**query: str) -> list[str]:
        page = as_admin.get(team.url("settings/members/"), query).context["page"]
        return [row.user.name for row in page if not row.user.name.endswith("Acme")]

    assert [fold(name) for name in names()] == [fold(name) for name in SORTED]
    assert sorted(names(q="ÉLODIE")) == ["Elodie", "Élodie"]
    assert names(q="жанна") == ["Жанна"]
    assert names(order="-name")[0] == "Жанна"


def test_candidates_stand_where_people_look_for_them(team: Team, as_recruiter: Client) -> None:
    for name in reversed(SORTED):
        Candidate.objects.create(organization=team.organization, name=name)
    shown = candidates(as_recruiter, team, "")
    assert [fold(name) for name in shown] == [fold(name) for name in SORTED]
    assert shown.index("Élodie") < shown.index("Eric") < shown.index("Pia")
    exported = as_recruiter.post(team.url("candidates/export/?q=élodie")).getvalue().decode()
    assert "Elodie" in exported and "Élodie" in exported and "Eric" not in exported


def test_jobs_and_their_schedules_are_found(team: Team, as_recruiter: Client) -> None:
    job = Job.objects.create(organization=team.organization, title="Bäcker", location="Köln")
    Job.objects.create(organization=team.organization, title="Baker")
    person = Candidate.objects.create(organization=team.organization, name="Zoë")
    begins = timezone.now() + timedelta(days=1)
    Schedule.objects.create(
        organization=team.organization,
        candidate=person,
        job=job,
        first_starts_at=begins,
        last_ends_at=begins + timedelta(hours=1),
    )
    for words in ("BÄCKER", "backer", "koln", "KÖLN"):
        assert [one.title for one in as_recruiter.get(team.url("jobs/"), {"q": words}).context["page"]] == ["Bäcker"]
    for words in ("BÄCKER", "zoe", "ZOË"):
        listed = as_recruiter.get(team.url("schedules/"), {"q": words}).context["listed"]
        assert [line.candidate for line in listed] == ["Zoë"], words
    assert [one.title for one in as_recruiter.get(team.url("jobs/")).context["page"]] == ["Bäcker", "Baker"]


def test_the_key_follows_every_way_of_renaming(team: Team, as_recruiter: Client) -> None:
    person = Candidate.objects.create(organization=team.organization, name="Ann")
    person.name = "Léa"
    person.save(update_fields=["name"])
    assert candidates(as_recruiter, team, "lea") == ["Léa"]
    Candidate.objects.bulk_create([Candidate(organization=team.organization, name="Chloé")])
    assert candidates(as_recruiter, team, "chloe") == ["Chloé"]
    person.name = "Anaïs"
    person.renew_search_key()
    Candidate.objects.bulk_update([person], ["name", "search_key"])
    assert candidates(as_recruiter, team, "anais") == ["Anaïs"]
    assert candidates(as_recruiter, team, "lea") == []
    as_recruiter.post(team.url("settings/profile/"), profile_of(team.recruiter, name="Renée"))
    assert User.objects.filter(found_by("renee", "search_key")).get() == team.recruiter.user


def test_a_key_fits_its_column_and_its_index_whatever_is_typed() -> None:
    longest = max((fold(sign * 150) for sign in "ﷺ㍍ﬃẞ가\U0001f469"), key=len)
    assert len(longest) > LONGEST
    assert len(search_key("ﷺ" * 150, "x" * 254)) <= LONGEST
    assert search_key("Ada", "") == "ada"
    assert search_key("Ada", "A@x.org") == "ada\na@x.org"


@pytest.mark.parametrize("name", [name for name, _searches in FOUND])
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, name)) == fold(name)


def test_marks_that_make_another_letter_stay() -> None:
    assert fold("が") != fold("か")
    assert fold("น้ำ") != fold("นำ")
    assert fold("कि") != fold("कु")


@pytest.mark.django_db(transaction=True)
def test_rows_from_before_are_given_their_key(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migration's second step, which may be interrupted and done again."""
    monkeypatch.setattr(search, "BATCH", 2)
    people = [Candidate(organization=team.organization, name=f"Élise {number}", email="E@x.org") for number in range(5)]
    Candidate.objects.bulk_create(people)
    Candidate.objects.update(search_key="")
    fill = search.fill_search_keys("scheduling", "Candidate", "name", "email")
    for _again in range(2):
        with connection.schema_editor() as editor:
            fill(apps, editor)
        keys = list(Candidate.objects.order_by("pk").values_list("search_key", flat=True))
        assert keys == [f"elise {number}\ne@x.org" for number in range(5)]
