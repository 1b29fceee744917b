"""Names and addresses of people who do not exist: with accents, of several scripts, and a few very common ones."""

from __future__ import annotations

from functools import cache

from organizations.search import fold, search_key

FIRST = (
    "Amina", "Zoë", "Jürgen", "Łukasz", "Søren", "François", "Ana María", "Chloé", "Noah", "Emeka", "Sakura", "Rohan",
    "Priya", "Mehmet", "Björn", "Ayşe", "Olivia", "Liam", "Siobhán", "Iñaki", "Nguyệt", "Dmitri", "Yusuf", "Hannah",
    "Oluwaseun", "Mei", "Jiří", "Ingrid", "Mateo", "Fátima", "Kwame", "Elif", "Grace", "Tomás", "Anaïs", "Viktor",
    "Leïla",
)  # fmt: skip
# One in eight people has the first name: a search for it fills a page.
COMMON = "García"
LAST = (
    "Haddad", "Müller", "O’Neill", "Nowak", "Lindqvist", "Okafor", "Tanaka", "Mehta", "Öztürk", "Petrović", "Nguyễn",
    "Smith", "Sánchez", "Fernández-Ruiz", "Kowalczyk", "Dvořák", "Žižka", "Ångström", "Lefèvre", "Balogun", "Fischer",
    "Whitfield", "Ivanova", "Çelik", "Rasmussen", "Ó Briain", "Kaya", "Silva", "Gonçalves", "Weiß", "Bianchi",
)  # fmt: skip
DOMAINS = ("mail.example", "post.example.org", "campus.example.edu", "work.example.com")


def person(number: int) -> tuple[str, str, str]:
    """The name, the e-mail address and the search key of a person. One in thirty has no address; no two share one."""
    first = FIRST[number * 7 % len(FIRST)]
    last = COMMON if number % 8 == 0 else LAST[number * 11 % len(LAST)]
    local, key = _forms(first, last)
    if number % 30 == 29:
        return f"{first} {last}", "", key
    email = f"{local}.{number}@{DOMAINS[number % len(DOMAINS)]}"
    return f"{first} {last}", email, f"{key}\n{email}"


@cache
def _forms(first: str, last: str) -> tuple[str, str]:
    """A name as addresses have it, and its search key."""
    return ".".join(fold(part).replace(" ", "") for part in (first, last)), search_key(f"{first} {last}")
