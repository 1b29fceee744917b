"""Which column is what: headers of other programs and languages, notes above them, values, and encodings."""

from __future__ import annotations

import pytest

from scheduling.candidates.import_columns import Unmatched, column_keys, columns, kind_of_file, values_of
from scheduling.candidates.import_columns import check as check_choice
from scheduling.candidates.import_csv import ImportRow, guess_separator, read
from scheduling.candidates.import_encodings import ENCODINGS, Unreadable, decode, guess_encoding
from scheduling.candidates.import_validation import JobLookup, check
from tests.scheduling.test_candidates_csv import checked, guessed, table, values

LINKEDIN = (
    'Notes:\r\n"When you export, some addresses may be missing."\r\n\r\n'
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\r\n"
    "Ada,Case,https://in.example/ada,ada@x.example,Initech,Staff Engineer,12 Nov 2026\r\n"
)
OUTLOOK = (
    "First Name,Middle Name,Last Name,Company,Job Title,Business Phone,Mobile Phone,E-mail Address,E-mail 2 Address\r\n"
    "Ada,B,Case,Initech,CTO,1,3,ada@x.example,\r\n"
)


def test_notes_above_the_header_are_skipped_and_a_present_job_is_ignored() -> None:
    assert table(LINKEDIN).header == 4
    assert values(LINKEDIN) == [{"name": "Ada Case", "email": "ada@x.example"}]
    assert values(OUTLOOK) == [{"name": "Ada Case", "email": "ada@x.example", "phone": "3"}]
    for text in (LINKEDIN, OUTLOOK):
        assert checked(text)[1] == []


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        # Other programs.
        (
            "Name,Given Name,Family Name,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Value",
            "name first_name last_name - email phone",
        ),
        ("First Name,Last Name,E-mail 2 - Value,E-mail 1 - Value", "first_name last_name - email"),
        ("Candidate Name,Candidate Emails,Phone Numbers,Job Name,Current Stage", "name email phone job stage"),
        ("Candidate Name,Primary Email Address,Job,Current Interview Stage", "name email job stage"),
        ("Full Name,Primary Email,Posting,Stage,Current Company", "name email job stage -"),
        ("Name,Email(s),Phone(s),Job,Stage,Headline", "name email phone job stage -"),
        ("First name,Last name,Email,Job Opening,Status,Phone", "first_name last_name email job - phone"),
        ("Applicant Name,Applicant Email,Position Applied For", "name email job"),
        ("Display Name,Primary SMTP Address,Mobile,Title", "name email phone -"),
        ("Job Title,Position,Role,Name", "- - - name"),
        ("NAME,E_MAIL,TimeZone", "name email time_zone"),
        ("Name (First),Name (Last),E-Mail", "first_name last_name email"),
        ("Business Phone,Home Phone,Mobile Phone,Name", "- - phone name"),
        ("Recruiter Email,Name,Email", "- name email"),
        ("firstName,lastName,primaryEmail,mobilePhone,timeZone", "first_name last_name email phone time_zone"),
        ("candidate.name,candidate.email,job.name,stage.name,candidate.id", "name email job - -"),
        ("Name *,Email1,Email2,Phone #,Contact No.", "name email - phone -"),
        ("Name (required),Email Address (Primary),Company Name", "name email -"),
        # Other languages.
        ("Vorname,Nachname,E-Mail-Adresse,Telefon (mobil),Zeitzone", "first_name last_name email phone time_zone"),
        ("Bewerber,E-Mail,Stelle,Phase", "name email job stage"),
        ("Prénom,Nom,Courriel,Téléphone", "first_name last_name email phone"),
        ("Nombre,Apellidos,Correo electrónico,Móvil", "first_name last_name email phone"),
        ("Nome,Cognome,Indirizzo email,Cellulare", "first_name last_name email phone"),
        ("Nome completo,E-mail,Telefone,Vaga,Etapa", "name email phone job stage"),
        ("Voornaam,Achternaam,E-mailadres,Telefoonnummer,Vacature", "first_name last_name email phone job"),
        ("Imię,Nazwisko,Adres e-mail,Numer telefonu", "first_name last_name email phone"),
        ("Jméno,Příjmení,E-mail,Telefon", "first_name last_name email phone"),
        ("Имя,Фамилия,Электронная почта,Номер телефона", "first_name last_name email phone"),
        ("ФИО,Почта,Вакансия,Этап", "name email job stage"),
        ("Förnamn,Efternamn,E-postadress,Mobilnummer", "first_name last_name email phone"),
        ("Ad Soyad,E-posta,Telefon", "name email phone"),
        ("Ονοματεπώνυμο,Email,Κινητό", "name email phone"),
        ("氏名,メールアドレス,電話番号", "name email phone"),
        ("姓,名,邮箱,手机", "last_name first_name email phone"),
        ("이름,이메일,휴대폰,단계", "name email phone stage"),
        ("الاسم,البريد الإلكتروني,رقم الهاتف", "name email phone"),
        ("שם מלא,דואר אלקטרוני,טלפון", "name email phone"),
    ],
)
def test_headers_of_many_programs_and_languages(header: str, expected: str) -> None:
    row = ",".join(f"v{place}" for place in range(len(header.split(","))))
    assert [field or "-" for field in guessed(f"{header}\n{row}").values()] == expected.split()


def test_a_column_of_addresses_is_one_whatever_it_is_called() -> None:
    assert guessed("Foo,Bar\nAda Case,ada@x.example\nBo,bo@x.example") == {"Foo": "", "Bar": "email"}
    assert guessed("Name,Recruiter email\nAda,rita@acme.example") == {"Name": "name", "Recruiter email": ""}
    assert guessed("Name,Email,Kontakt\nAda,,ada@x.example") == {"Name": "name", "Kontakt": "email"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Case,ada@x.example,+44 20 7946 0000\nBo Lee,bo@x.example,+49 170 1234567", "name email phone"),
        ("ada@x.example;Ada Case;Europe/London", "email name time_zone"),
        ("Ada\tCase\tada@x.example\nBo\tLee\tbo@x.example", "first_name last_name email"),
        ("Ada|ada@x.example", "name email"),
    ],
)
def test_a_file_without_a_header_is_matched_by_its_values(text: str, expected: str) -> None:
    found = read(text, guess_separator(text))
    assert found.header == 0
    assert len(found.below) == text.count("\n") + 1
    assert [each.guess for each in columns(found.names, [cells for _n, cells in found.below])] == expected.split()


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("above", ["", "Report, of 3 March; for us\n\n", "Export\nBy: Ada | Recruiting\n"])
def test_separators_and_notes_above(sign: str, above: str) -> None:
    row = ("Ada", "ada@x.example", "a, b".replace(sign, " "))
    text = f"{above}{sign.join(('Name', 'E-mail', 'Notes'))}\n{sign.join(row)}"
    assert values(text) == [{"name": "Ada", "email": "ada@x.example"}]


def test_beside_a_given_name_the_name_is_the_familys_unless_it_holds_both() -> None:
    assert values("Vorname;Name\nAda;Case") == [{"name": "Ada Case"}]
    assert values("Vorname;Name\nAda;Ada Case") == [{"name": "Ada Case"}]
    assert values("Nom;Courriel\nAda Case;ada@x.example") == [{"name": "Ada Case", "email": "ada@x.example"}]


def test_first_and_last_names_are_joined_as_their_bearers_do() -> None:
    assert values_of(["first_name", "last_name"], ["Ada", "Case"]) == {"name": "Ada Case"}
    assert values_of(["last_name", "first_name"], ["Case", ""]) == {"name": "Case"}
    assert values_of(["last_name", "first_name"], ["山田", "太郎"]) == {"name": "山田 太郎"}
    assert values_of(["name", "first_name"], ["Ada Case", "Ada"]) == {"name": "Ada Case"}


def test_a_choice_has_a_name_and_no_field_twice() -> None:
    check_choice(["name", "email", ""], ["a", "b", "c"])
    with pytest.raises(Unmatched, match="name"):
        check_choice(["", "email"], ["a", "b"])
    with pytest.raises(Unmatched, match="“b” and “Column 3” are both matched to E-mail"):
        check_choice(["name", "email", "email"], ["a", "b", ""])


def test_files_of_one_kind_have_the_same_columns_in_any_order() -> None:
    assert kind_of_file(["Name", "E-Mail"]) == kind_of_file(["e mail", "NAME"])
    assert kind_of_file(["Name", "E-Mail"]) != kind_of_file(["Name", "E-Mail", "Phone"])
    assert kind_of_file(["", ""]) == ""
    assert column_keys(["Mail", "mail", "Name"]) == ["mail#1", "mail#2", "name#1"]


def problems_of(**cells: str) -> list[tuple[str, str]]:
    _people, problems = check([ImportRow(2, {"name": "Ada"} | cells)], JobLookup([], []))
    return [(problem.field, problem.reason) for problem in problems]


@pytest.mark.parametrize(
    "phone",
    [
        "4.47911E+11",
        "4,47911E+11",
        "4.47911e+11",
        "4E+11",
        "+4.47911E+11",
        "4.47911E11",
        "########",
        "#NAME?",
        "#N/A",
        "#VALUE!",
    ],
)
def test_a_number_that_a_spreadsheet_cut_is_a_problem(phone: str) -> None:
    [(field, reason)] = problems_of(phone=phone)
    assert field == "phone"
    assert "spreadsheet" in reason


@pytest.mark.parametrize(
    ("phone", "stored"),
    [
        ("447911123456.0", "447911123456"),
        ("+44 7911 123456", "+44 7911 123456"),
        ("\u202a+44 7911\u202c", "+44 7911"),
        ("n/a", ""),
        ("020 7946 0000 ext. 12", "020 7946 0000 ext. 12"),
    ],
)
def test_other_phones_are_taken(phone: str, stored: str) -> None:
    [person], problems = check([ImportRow(2, {"name": "Ada", "phone": phone})], JobLookup([], []))
    assert (person.phone, problems) == (stored, [])


@pytest.mark.parametrize(
    ("email", "stored", "note"),
    [
        ("ada@x.example; ada@home.example", "ada@x.example", True),
        ("ada@x.example, Ada <ada@home.example>", "ada@x.example", True),
        ("ada@home ada@x.example", "ada@x.example", True),
        ("ada@x.example bo@x.example", "ada@x.example", True),
        ("Ada Case <ada@x.example>", "ada@x.example", False),
        ("\u200bada@Straße.example", "ada@xn--strae-oqa.example", False),
        ("mailto:ada@x.example", "ada@x.example", False),
        ("-", "", False),
    ],
)
def test_the_first_right_address_of_a_cell_is_taken_with_a_word(email: str, stored: str, note: bool) -> None:
    [person], problems = check([ImportRow(2, {"name": "Ada", "email": email})], JobLookup([], []))
    assert (person.email, bool(person.note), problems) == (stored, note, [])


@pytest.mark.parametrize("zone", ["EST", "MST", "localtime", "Factory", "CET", "GMT+1", "Atlantis"])
def test_a_zone_that_is_no_place_is_refused(zone: str) -> None:
    [(field, _reason)] = problems_of(time_zone=zone)
    assert field == "time_zone"


def test_a_zone_of_windows_is_taken() -> None:
    [person], _problems = check(
        [ImportRow(2, {"name": "Ada", "time_zone": "W. Europe Standard Time"})], JobLookup([], [])
    )
    assert person.time_zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Name;Notiz\nZoë;x", "cp1252"),
        ("Zoë Müller,José García,François", "cp1252"),
        ("Jürgen Groß – “Chef”", "cp1252"),
        ("Zoë Müller,José García,François", "mac-roman"),
        ("Wałęsa;Łukasz Żółkiewski", "cp1250"),
        ("Dvořák;Příliš žluťoučký;Čapek", "cp1250"),
        ("Wałęsa;Łukasz Żółkiewski;Błaszczyk Świątek", "iso8859-2"),
        ("Имя;Почта\nИван Петров;x", "cp1251"),
        ("Иван Петров;Мария Сидорова", "koi8-r"),
        ("名前,メール\n山田太郎,x", "cp932"),
        ("姓名,邮箱\n王小明,x\n李娜,y", "gb18030"),
        ("姓名,電郵\n陳大文,x\n李小龍,y", "big5hkscs"),
        ("이름,이메일\n김철수,x\n박영희,y", "cp949"),
    ],
)
def test_encodings_are_guessed_and_the_guess_is_told(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert guess_encoding(data) == (encoding, False)
    assert decode(data, encoding) == text


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_leaves_no_doubt(codec: str) -> None:
    text = "Name\tMail\r\nZoë Müller\tzoe@x.example\r\n"
    encoding, sure = guess_encoding(text.encode(codec))
    assert (decode(text.encode(codec), encoding), sure) == (text, True)


def test_big_endian_with_a_mark() -> None:
    data = b"\xfe\xff" + "Name\tZoë".encode("utf-16-be")
    assert decode(data, guess_encoding(data)[0]) == "Name\tZoë"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_any_bytes_can_be_looked_at_in_any_encoding(encoding: str) -> None:
    try:
        assert isinstance(decode(bytes(range(1, 256)) * 2, encoding), str)
    except Unreadable as error:
        assert "not a text file" in str(error)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "Excel workbook"),
        (b"Name\x00Ada", "not a text file"),
        (b"\x00\x01\x02\x03\x04", "not a text file"),
    ],
)
def test_what_is_no_text_says_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        decode(data, guess_encoding(data)[0])
