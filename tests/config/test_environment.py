"""Every variable: what it accepts, and the sentence for what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment
from config.supervisor.__main__ import background, worker_processes
from tests.config.running import ROOT
from tests.config.running import environment as shell
from tests.thorough import mostly

# HOST is tried by listening there.
pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "0.0.0.0"])]

FILE = Path("/data/panelist.sqlite3")
READERS: dict[str, Callable[[], object]] = {
    "PORT": lambda: environment.integer("PORT", 8000, least=1, most=65535),
    "BASE_URL": lambda: environment.origin("BASE_URL", "http://localhost:8000"),
    "DATABASE_URL": lambda: environment.database("DATABASE_URL", FILE),
    "REDIS_URL": lambda: environment.redis_url("REDIS_URL"),
    "EMAIL_URL": lambda: environment.email("EMAIL_URL", Path("/data/mail")),
    "SECRET_KEY": lambda: environment.secret("SECRET_KEY"),
    "EMAIL_FROM": lambda: environment.sender("EMAIL_FROM", "panelist@localhost"),
    "IMAP_HOST": lambda: environment.answers_mailbox()["IMAP_HOST"],
    "IMAP_SECURITY": lambda: environment.answers_mailbox()["IMAP_SECURITY"],
    "IMAP_REPLY_ADDRESS": lambda: environment.reply_address("IMAP_REPLY_ADDRESS"),
    "FERNET_KEYS": lambda: environment.fernet_keys("FERNET_KEYS"),
    "ALLOWED_HOSTS": lambda: environment.hosts("ALLOWED_HOSTS", "localhost"),
    "CALENDAR_HOSTS": lambda: environment.hosts("CALENDAR_HOSTS", ""),
    "SECURITY_CONTACT": lambda: environment.contact("SECURITY_CONTACT"),
    "SECRET_KEY_FALLBACKS": lambda: environment.secrets("SECRET_KEY_FALLBACKS"),
    "CODESIGNAL_API_URL": lambda: environment.vendor_url("CODESIGNAL_API_URL", "https://app.codesignal.com/graphql"),
    "TRUSTED_PROXIES": lambda: environment.networks("TRUSTED_PROXIES", ""),
    "ADMIN_PATH": lambda: environment.path_or_off("ADMIN_PATH", "admin"),
    "HOST": lambda: environment.host("HOST", "127.0.0.1"),
    "DEBUG": lambda: environment.boolean("DEBUG", False),
    "DNS_SERVER": lambda: environment.dns_server("DNS_SERVER"),
    "WEB_PROCESSES": lambda: environment.integer("WEB_PROCESSES", 2, least=1, most=64),
    "WORKER_PROCESSES": worker_processes,
    "WORKER_THREADS": background,
    "BACKUP_KEEP": lambda: environment.integer("BACKUP_KEEP", 14, least=1, most=1000),
    "BACKUP_DIR": lambda: environment.place("BACKUP_DIR", FILE.parent),
    "WEB_THREADS": lambda: environment.integer("WEB_THREADS", 4, least=1, most=64),
    "CODESIGNAL_TIMEOUT": lambda: environment.number("CODESIGNAL_TIMEOUT", 20, least=0.1, most=120),
}
KEY = "YSBrZXkgdGhhdCBsb2NrcyBub3RoaW5nIGF0IGFsbC4="


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "nginx"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.1 10.0.0.2"),
        ("BACKUP_KEEP", "0"),
        ("BACKUP_KEEP", "all"),
        ("PORT", "eighty"),
        ("PORT", "80.5"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("WEB_PROCESSES", "0"),
        ("WEB_PROCESSES", "two"),
        ("WORKER_PROCESSES", "0"),
        ("WORKER_PROCESSES", "two"),
        ("WORKER_THREADS", "0"),
        ("WORKER_THREADS", "65"),
        ("WEB_THREADS", "65"),
        ("BASE_URL", "panelist.example.com"),
        ("BASE_URL", "ftp://panelist.example.com"),
        ("BASE_URL", "http://"),
        ("BASE_URL", "http://host:abc"),
        ("BASE_URL", "https://panelist.example.com/tools"),
        ("BASE_URL", "https://panelist.example.com?a=b"),
        ("BASE_URL", "https://panelist.example.com#top"),
        ("BASE_URL", "https://user:word-nobody-may-see@panelist.example.com"),
        ("BASE_URL", "https://panelist example.com"),
        ("CODESIGNAL_API_URL", "https://app codesignal.com/graphql"),
        ("CODESIGNAL_API_URL", "https://user:word-nobody-may-see@app.codesignal.com/graphql"),
        ("EMAIL_FROM", "panelist"),
        ("EMAIL_FROM", "Panelist <panelist@example.com"),
        ("EMAIL_FROM", "panelist@example.com, other@example.com"),
        ("REDIS_URL", "redis://host:6379/first"),
        ("REDIS_URL", "rediss://host/0/1"),
        ("HOST", "192.0.2.1"),
        ("SECRET_KEY", "too-short"),
        ("DATABASE_URL", "word-nobody-may-see"),
        ("DATABASE_URL", "mysql://user:word-nobody-may-see@host/name"),
        ("DATABASE_URL", "postgres://user:word-nobody-may-see@host"),
        ("DATABASE_URL", "postgres://user:word-nobody-may-see@host:abc/name"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite://:memory:"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://:word-nobody-may-see@host:abc"),
        ("REDIS_URL", "unix://"),
        ("IMAP_HOST", "https://imap.example.com"),
        ("IMAP_SECURITY", "ssl"),
        ("IMAP_REPLY_ADDRESS", "answers"),
        ("IMAP_REPLY_ADDRESS", "a-name-of-more-than-thirty-one-characters@example.com"),
        ("EMAIL_URL", "mail.example.com"),
        ("EMAIL_URL", "pigeon://user:word-nobody-may-see@host"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp+tls://user:word-nobody-may-see@host:99999"),
        ("SECRET_KEY_FALLBACKS", "an-older-secret-key-here,too-short"),
        ("CODESIGNAL_API_URL", "http://app.codesignal.com/graphql"),
        ("CODESIGNAL_API_URL", "http://127.0.0.1.example.com/graphql"),
        ("SECURITY_CONTACT", "security"),
        ("SECURITY_CONTACT", "http://example.com/security"),
        ("SECURITY_CONTACT", "security@example.com\nContact: other"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "   "),
        ("FERNET_KEYS", ""),
        ("FERNET_KEYS", ","),
        ("FERNET_KEYS", "word-nobody-may-see"),
        ("FERNET_KEYS", f"{KEY},word-nobody-may-see"),
        ("ALLOWED_HOSTS", "https://panelist.example.com"),
        ("ALLOWED_HOSTS", "panelist.example.com:8000"),
        ("ALLOWED_HOSTS", "one.example.com two.example.com"),
        ("ALLOWED_HOSTS", ","),
        ("CALENDAR_HOSTS", "https://nextcloud.corp.example"),
        ("CODESIGNAL_API_URL", "app.codesignal.com/graphql"),
        ("HOST", "everywhere"),
        ("ADMIN_PATH", "staff only"),
        ("ADMIN_PATH", "<slug:any>"),
        ("ADMIN_PATH", "/"),
        ("ADMIN_PATH", "staff//admin"),
        ("ADMIN_PATH", "https://panelist.example.com/admin"),
        ("DEBUG", "perhaps"),
        ("DNS_SERVER", "dns.example.com"),
        ("DNS_SERVER", "10.0.0.2:x"),
        ("DNS_SERVER", "10.0.0.2:99999"),
        ("DNS_SERVER", "10.0.0.2/x"),
        ("DNS_SERVER", ":"),
        ("CODESIGNAL_TIMEOUT", "soon"),
        ("CODESIGNAL_TIMEOUT", "0"),
        ("CODESIGNAL_TIMEOUT", "nan"),
    ],
)
@pytest.mark.filterwarnings("error")  # a warning would be one more place where a password could show
def test_a_bad_value_is_refused_by_name_and_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as caught:
        READERS[name]()
    assert str(caught.value).startswith(f"{name} ")
    assert "word-nobody-may-see" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "value", "meaning"),
    [
        ("PORT", " 9000 ", 9000),
        ("PORT", "", 8000),
        ("BACKUP_DIR", "/backups/./nightly", Path("/backups/nightly")),
        ("ADMIN_PATH", "", "admin"),
        ("ADMIN_PATH", "/staff/admin/", "staff/admin"),
        ("ADMIN_PATH", "OFF", ""),
        ("BASE_URL", "https://panelist.example.com", "https://panelist.example.com"),
        ("BASE_URL", "http://[::1]:8000/", "http://[::1]:8000"),
        ("BASE_URL", "http://10.0.0.5:8000", "http://10.0.0.5:8000"),
        ("EMAIL_FROM", "Panelist <panelist@intranet>", "Panelist <panelist@intranet>"),
        ("EMAIL_FROM", "", "panelist@localhost"),
        ("REDIS_URL", "redis://host", "redis://host"),
        ("REDIS_URL", "", ""),
        ("WORKER_PROCESSES", "3", 3),
        ("REDIS_URL", "rediss://:secret@host:6380/1", "rediss://:secret@host:6380/1"),
        ("REDIS_URL", "unix:///run/redis.sock?db=2", "unix:///run/redis.sock?db=2"),
        ("SECRET_KEY", "$HOME-is-no-variable", "$HOME-is-no-variable"),
        (
            "SECRET_KEY_FALLBACKS",
            "an-older-secret-key-here, the-oldest-secret-key",
            ["an-older-secret-key-here", "the-oldest-secret-key"],
        ),
        ("SECRET_KEY_FALLBACKS", "", []),
        ("SECURITY_CONTACT", "security@example.com", "mailto:security@example.com"),
        ("SECURITY_CONTACT", "https://example.com/security", "https://example.com/security"),
        ("CODESIGNAL_API_URL", "http://127.0.0.1:8001/graphql", "http://127.0.0.1:8001/graphql"),
        ("CODESIGNAL_API_URL", "http://[::1]:8001/graphql", "http://[::1]:8001/graphql"),
        ("CODESIGNAL_API_URL", "http://localhost:8001/graphql", "http://localhost:8001/graphql"),
        ("FERNET_KEYS", f"{KEY}, {KEY}", [KEY, KEY]),
        ("CALENDAR_HOSTS", "nextcloud.lan, .corp.example", ["nextcloud.lan", ".corp.example"]),
        ("ALLOWED_HOSTS", "a.example.com, .example.org,[::1]", ["a.example.com", ".example.org", "[::1]"]),
        ("HOST", "localhost", "127.0.0.1"),
        ("HOST", "0.0.0.0", "0.0.0.0"),
        ("DEBUG", "Yes", True),
        ("DNS_SERVER", "10.0.0.2", ("10.0.0.2", 53)),
        ("DNS_SERVER", "10.0.0.2:5353", ("10.0.0.2", 5353)),
        ("DNS_SERVER", "fd00::2", ("fd00::2", 53)),
        ("DNS_SERVER", "[fd00::2]:5353", ("fd00::2", 5353)),
        ("CODESIGNAL_TIMEOUT", "2.5", 2.5),
    ],
)
def test_a_good_value_is_understood(name: str, value: str, meaning: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert READERS[name]() == meaning


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", {"ENGINE": "django.db.backends.sqlite3", "NAME": str(FILE)}),
        ("sqlite:////srv/my%20data/p.sqlite3", {"ENGINE": "django.db.backends.sqlite3"}),
        (
            "postgres://me:p%40ss@db.example.com:5433/panelist",
            {"NAME": "panelist", "USER": "me", "PASSWORD": "p@ss", "HOST": "db.example.com", "PORT": 5433},
        ),
    ],
)
def test_a_database_address_becomes_settings(
    value: str, expected: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    config = environment.database("DATABASE_URL", FILE)
    assert {name: config[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("value", "backend", "port"),
    [
        ("smtp://mail.example.com", "smtp", 25),
        ("smtp+tls://me:secret@mail.example.com", "smtp", 587),
        ("smtp+ssl://me:secret@mail.example.com", "smtp", 465),
        ("smtp+tls://me:secret@mail.example.com:2525", "smtp", 2525),
        ("consolemail://", "console", 25),
    ],
)
def test_a_mail_address_becomes_settings(value: str, backend: str, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    config = environment.email("EMAIL_URL", Path("/data/mail"))
    assert config["EMAIL_BACKEND"] == f"django.core.mail.backends.{backend}.EmailBackend"
    assert config["EMAIL_PORT"] == port


@pytest.mark.parametrize(
    "value",
    [
        "panelist@localhost",
        "Panelist <panelist@LOCALHOST>",
        "panelist@localhost.",
        "panelist@mail.localhost",
        "panelist@127.0.0.1",
        "panelist@10.1.2.3",
        "panelist@[10.1.2.3]",
        "panelist@[::1]",
        "Panelist <panelist@[2001:db8::7]>",
        "panelist@[IPv6:2001:db8::7]",
    ],
)
def test_a_sender_that_nobody_could_answer_is_refused_with_what_to_do(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_FROM must be an address at your own domain"):
        environment.refuse_sender("EMAIL_FROM", value)


@pytest.mark.parametrize(
    ("value", "doubtful"),
    [
        ("panelist@example.com", False),
        ("Panelist <panelist@mail.acme.co.uk>", False),
        ("panelist@10-1-2-3.example.com", False),
        ("panelist@mylocal", True),
        ("panelist@intranet", True),
        ("panelist@hiring.local", True),
        ("panelist@hiring.INTERNAL", True),
        ("panelist@hiring.test", True),
        ("panelist@hiring.lan", True),
        ("panelist@hiring.corp.", True),
        ("panelist@router.home.arpa", True),
        ("panelist@acme.example", True),
    ],
)
def test_a_sender_that_only_the_own_network_knows_is_warned_of(value: str, doubtful: bool) -> None:
    environment.refuse_sender("EMAIL_FROM", value)
    sentence = environment.sender_warning("EMAIL_FROM", value)
    assert bool(sentence) is doubtful
    assert not sentence or ("EMAIL_FROM" in sentence and "panelist@" not in sentence)


@pytest.mark.parametrize(
    ("url", "base", "sender", "starts"),
    mostly(
        [
            ("smtp://mail.example.com", "http://10.1.2.3:8000", "panelist@example.com", True),
            ("smtp://mail.example.com", "http://localhost:8000", "", False),
            ("smtp+tls://me:secret@mail.example.com", "http://10.1.2.3:8000", "", False),
            ("smtp+ssl://mail.example.com", "http://[::1]:8000", "", False),
            ("smtp://mail.example.com", "https://panelist.example.com", "root@localhost", False),
            ("smtp://mail.example.com", "https://panelist.example.com", "", True),
            ("smtp://mail.example.com", "http://hiring.local", "", True),
            ("", "http://localhost:8000", "", True),
            ("", "http://10.1.2.3:8000", "", True),
            ("", "http://[::1]:8000", "", True),
            ("consolemail://", "http://localhost:8000", "", True),
        ],
        always=3,
    ),
)
def test_the_start_refuses_a_sender_only_for_a_real_mail_server(
    url: str, base: str, sender: str, starts: bool, tmp_path: Path
) -> None:
    values = {"DATA_DIR": str(tmp_path), "SECRET_KEY": "a-secret-that-is-long", "FERNET_KEYS": KEY}
    values |= {"EMAIL_URL": url, "BASE_URL": base, "EMAIL_FROM": sender}
    command = [sys.executable, "-c", "import config.settings"]
    result = subprocess.run(command, cwd=ROOT, env=shell(**values), capture_output=True, text=True)
    assert (result.returncode == 0) is starts, result.stderr
    assert starts or "EMAIL_FROM must be an address at your own domain, like panelist@example.com" in result.stderr
    assert "secret@mail" not in result.stderr


def test_without_a_mail_server_mails_become_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL")
    config = environment.email("EMAIL_URL", Path("/data/mail"))
    assert config["EMAIL_FILE_PATH"] == "/data/mail"


@pytest.mark.parametrize(
    ("redis", "broker"),
    [
        ("redis://host:6379/3", "redis://host:6379/3"),
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
    ],
)
def test_celery_gets_the_same_redis(redis: str, broker: str) -> None:
    assert environment.broker_url(redis) == broker


@pytest.mark.parametrize("name", ["SECRET_KEY", "FERNET_KEYS"])
def test_a_missing_secret_fails_at_start_by_its_name(name: str, tmp_path: Path) -> None:
    values = {"DATA_DIR": str(tmp_path), "SECRET_KEY": "a-secret-that-is-long", "FERNET_KEYS": KEY, name: ""}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, cwd=ROOT, env=shell(**values), capture_output=True, text=True)
    assert result.returncode != 0
    assert f"{name} is not set." in result.stderr
    assert KEY not in result.stderr and "a-secret-that-is-long" not in result.stderr


def test_a_vendor_without_tls_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESIGNAL_API_URL", "http://mirror.example.com/graphql")
    monkeypatch.setenv("ALLOW_HTTP_VENDORS", "true")
    assert READERS["CODESIGNAL_API_URL"]() == "http://mirror.example.com/graphql"


@pytest.mark.parametrize(
    ("name", "content", "meaning"),
    [
        ("SECRET_KEY", "a-secret-that-is-long\n", "a-secret-that-is-long"),
        ("FERNET_KEYS", f"{KEY}\n", [KEY]),
        ("REDIS_URL", "redis://:secret@host/0", "redis://:secret@host/0"),
        ("PORT", "9000", 9000),
    ],
)
def test_a_value_can_stand_in_a_file(
    name: str, content: str, meaning: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "value").write_text(content)
    monkeypatch.setenv(name, "")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "value"))
    assert READERS[name]() == meaning


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "EMAIL_URL", "REDIS_URL", "FERNET_KEYS"])
@pytest.mark.parametrize(
    ("content", "starts"),
    [
        (None, "{}_FILE must name a file"),
        (b"", "{}_FILE names an empty"),
        (b"\xffword-nobody-may-see", "{}_FILE must name"),
    ],
)
def test_a_file_that_can_not_be_read_is_named_by_its_variable(
    name: str, content: bytes | None, starts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "value").write_bytes(content)
    monkeypatch.setenv(name, "")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "value"))
    with pytest.raises(ImproperlyConfigured) as caught:
        READERS[name]()
    assert str(caught.value).startswith(starts.format(name))
    assert "word-nobody-may-see" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_value_and_a_file_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "value").write_text("word-nobody-may-see-in-the-file")
    monkeypatch.setenv("SECRET_KEY", "word-nobody-may-see-anywhere")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "value"))
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY and SECRET_KEY_FILE are both set\.") as caught:
        READERS["SECRET_KEY"]()
    assert "word-nobody-may-see" not in str(caught.value)


def test_a_mailbox_wants_a_password_that_does_not_travel_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.answers_mailbox()["IMAP_HOST"] == ""
    for name, value in {"HOST": "imap.example.com", "USER": "u", "REPLY_ADDRESS": "Answers@example.com"}.items():
        monkeypatch.setenv(f"IMAP_{name}", value)
    with pytest.raises(ImproperlyConfigured, match=r"IMAP_PASSWORD is not set\."):
        environment.answers_mailbox()
    monkeypatch.setenv("IMAP_PASSWORD", "word-nobody-may-see")
    found = environment.answers_mailbox()
    assert (found["IMAP_PORT"], found["IMAP_REPLY_ADDRESS"]) == (993, "answers@example.com")
    monkeypatch.setenv("IMAP_SECURITY", "none")
    with pytest.raises(ImproperlyConfigured, match=r"^IMAP_SECURITY must be tls or starttls"):
        environment.answers_mailbox()
    monkeypatch.setenv("IMAP_HOST", "127.0.0.1")
    assert environment.answers_mailbox()["IMAP_PORT"] == 143


def test_each_variable_has_a_line_in_the_example() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line}
    assert {
        *READERS,
        "DATA_DIR",
        "LINK_SETTLE_SECONDS",
        "ALLOW_ROOT",
        "ALLOW_HTTP_VENDORS",
        "HSTS_SUBDOMAINS",
        "HSTS_PRELOAD",
    } <= named


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, ["worker", "beat"]),
        ({"WORKER_PROCESSES": "2"}, ["worker 1", "worker 2", "beat"]),
        ({"REDIS_URL": "redis://host", "WORKER_PROCESSES": "1"}, ["worker", "beat"]),
    ],
)
def test_as_many_workers_start_as_are_asked_for(
    values: dict[str, str], names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REDIS_URL", "WORKER_PROCESSES", "WORKER_THREADS"):
        monkeypatch.setenv(name, values.get(name, ""))
    assert [program.name for program in background()] == names


def test_with_redis_each_core_gets_a_worker_up_to_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_PROCESSES", "")
    monkeypatch.setenv("REDIS_URL", "redis://host")
    assert worker_processes() == min(4, len(os.sched_getaffinity(0)))


@pytest.mark.parametrize(
    ("values", "threads"),
    [
        ({}, 8),
        ({"WORKER_THREADS": "5"}, 5),
        ({"REDIS_URL": "redis://host", "WORKER_PROCESSES": "1"}, 32),
        ({"REDIS_URL": "redis://host", "WORKER_PROCESSES": "2"}, 16),
        ({"REDIS_URL": "redis://host", "WORKER_PROCESSES": "2", "WORKER_THREADS": "5"}, 5),
        ({"REDIS_URL": "redis://host", "WORKER_PROCESSES": "8"}, 8),
    ],
)
def test_workers_share_the_threads_among_them(
    values: dict[str, str], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REDIS_URL", "WORKER_PROCESSES", "WORKER_THREADS"):
        monkeypatch.setenv(name, values.get(name, ""))
    arguments = background()[0].arguments
    assert arguments[arguments.index("--concurrency") + 1] == str(threads)
