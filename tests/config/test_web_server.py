"""The web server's bounds, met over real sockets: nobody who is slow or endless keeps others from their pages."""

from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from config.web.bounds import Bounds
from config.web.queue import IN_A_ROW
from config.web.server import THREADS, BoundedServer
from tests.config.running import running, wait_until
from tests.config.test_supervisor import FIRST_ADMIN, READY, SUPERVISOR, get
from tests.services import free_port

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
    pytest.mark.timeout(240),
]

PAGES = {408: b"<h1>This took too long</h1>", 413: b"<h1>This is too large</h1>"}
FORM = "POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"


class Served:
    """A bounded server in this process, before an application that counts bytes. `asked`: what reached it."""

    def __init__(
        self, bounds: Bounds, host: str = "127.0.0.1", threads: int = THREADS, *, shares: bool = False
    ) -> None:
        self.asked: list[tuple[str, int]] = []
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self.server = BoundedServer(self._answer, host=host, port=0, pages=PAGES, bounds=bounds, threads=threads)
        self.server.shares = shares
        self.port = int(self.server.effective_port)
        self.thread = threading.Thread(target=self.server.run)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked.append((environ["PATH_INFO"], len(environ["wsgi.input"].read())))
        if environ["PATH_INFO"] == "/wait":
            self.begun.set()
            assert self.goes_on.wait(20)
        body = b"x" * 30_000_000 if environ["PATH_INFO"] == "/large" else b"ok"
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def connect(self, *, window: int = 0) -> socket.socket:
        connection = socket.socket()
        if window:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def send(self, text: str, *, window: int = 0) -> socket.socket:
        connection = self.connect(window=window)
        connection.sendall(text.encode())
        return connection

    def get(self, path: str = "/") -> bytes:
        return whole(self.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))


def whole(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    parts = []
    with connection, contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


@contextlib.contextmanager
def served(threads: int = THREADS, *, shares: bool = False, **bounds: float) -> Iterator[Served]:
    place = Served(Bounds(**bounds), threads=threads, shares=shares)  # type: ignore[arg-type]
    place.thread.start()
    try:
        yield place
    finally:
        place.goes_on.set()
        place.server.stop()
        place.thread.join(20)
        assert not place.thread.is_alive()


def test_a_slow_body_occupies_no_thread_and_ends_in_time() -> None:
    with served(start=0.5) as place:
        slow = [place.send(FORM.format(100_000) + "username=a") for _ in range(20)]
        assert place.get().endswith(b"ok")
        answers = [whole(connection) for connection in slow]
    assert all(answer.startswith(b"HTTP/1.1 408 ") and answer.endswith(PAGES[408]) for answer in answers)
    assert place.asked == [("/", 0)]


def test_who_sends_steadily_has_longer() -> None:
    with served(start=0.0, slowest=1) as place:
        connection = place.send(FORM.format(10) + "12345678")
        assert place.get().endswith(b"ok")
        connection.sendall(b"90")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
        connection.close()


def test_slow_headers_and_silence_end_without_an_answer() -> None:
    with served(start=0.5, idle=0.5) as place:
        slow = [place.send("GET / HTTP/1.1\r\nHost: localh") for _ in range(20)]
        silent = [place.connect() for _ in range(20)]
        kept = http.client.HTTPConnection("127.0.0.1", place.port, timeout=20)
        for _ in range(2):  # a connection serves more than one request
            kept.request("GET", "/")
            assert kept.getresponse().read() == b"ok"
        assert [whole(connection) for connection in slow + silent] == [b""] * 40
        assert kept.sock is not None and kept.sock.recv(1) == b""


def test_slow_readers_occupy_no_thread_and_end_in_time() -> None:
    with served(answer=1.0) as place:
        slow = [place.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n", window=2048) for _ in range(6)]
        assert all(connection.recv(10).startswith(b"HTTP/1.1 2") for connection in slow)
        assert place.get().endswith(b"ok")
        wait_until(lambda: not place.server.active_channels, 20, "the end of the slow connections")
        for connection in slow:
            connection.close()


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/sign-in/", 2_621_440, 200),
        ("/sign-in/", 2_621_441, 413),
        ("/o/acme/candidates/import/", 6_000_000, 200),
        ("/o/acme/candidates/import/", 6_000_001, 413),
        ("/o/acme/candidates/import/7/", 2_621_441, 413),
        ("/o/acme/candidates/import/?a=/", 2_621_441, 200),
        ("/hooks/codesignal/token/", 262_144, 200),
        ("/hooks/codesignal/token", 262_145, 413),
    ],
)
def test_the_largest_body_depends_on_the_path(path: str, length: int, status: int) -> None:
    with served() as place:
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=20)
        connection.request("POST", path, b"x" * length)
        answer = connection.getresponse()
        page = answer.read()
        connection.close()
    assert answer.status == status
    # Somebody who chose a large file by mistake reads why, after the browser has sent it.
    assert page == (b"ok" if status == 200 else PAGES[413])
    assert [asked for _, asked in place.asked] == ([length] if status == 200 else [])


def test_what_is_far_too_large_is_not_waited_for() -> None:
    with served() as place:
        assert whole(place.send(FORM.format(300_000_000))).endswith(PAGES[413])
        asks = FORM.replace("Content-Length", "Expect: 100-continue\r\nContent-Length")
        assert whole(place.send(asks.format(5_000_000))).startswith(b"HTTP/1.1 413 ")
        endless = place.send(FORM.replace("Content-Length: {}", "Transfer-Encoding: chunked"))
        with pytest.raises(OSError):
            for _ in range(100):
                endless.sendall(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
        endless.close()
        assert whole(place.send("GET / HTTP/1.1\r\nX-Large: " + "x" * 70_000))[8:13] == b" 431 "
    assert place.asked == []


def test_with_too_many_connections_the_oldest_gives_way() -> None:
    with served(connections=10) as place:
        waiting = [place.send(FORM.format(100) + "a") for _ in range(25)]
        assert place.get().endswith(b"ok")
        assert whole(waiting[0]) == b""
        assert place.get().endswith(b"ok")


@pytest.mark.thorough
def test_closing_some_ends_no_connection_that_comes_then() -> None:
    """A new connection gets the number of one just closed, and must not get what was meant for that."""
    with served(connections=20) as place:
        for _ in range(30):
            waiting = [place.send("GET / HTTP/1.1\r\nX-Slow: ") for _ in range(40)]
            place.server.note(place.server.bounds.held)  # look now, not at the end of the second
            waiting += [place.connect() for _ in range(10)]
            for _ in range(3):
                assert place.get().endswith(b"ok")
            for connection in waiting:
                connection.close()


def test_with_too_many_bytes_what_occupies_most_gives_way() -> None:
    with served(held=1_000_000) as place:
        small = place.send(FORM.format(2) + "a")
        large = [place.send(FORM.format(400_001) + "x" * 400_000) for _ in range(8)]
        assert whole(large[0]) == b""
        one_read_each = 9 * 8192  # what arrives is counted once it is read
        assert sum(channel.held for channel in place.server.active_channels.values()) <= 1_000_000 + one_read_each
        small.sendall(b"b")
        assert small.recv(100).startswith(b"HTTP/1.1 200 ")
        small.close()


def test_answers_to_many_requests_in_one_piece_do_not_pile_up() -> None:
    with served() as place:
        answer = whole(place.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500))
    assert answer.count(b"HTTP/1.1 200 OK") == 1 and b"Connection: close" in answer
    assert place.asked == [("/", 0)]


def test_the_end_waits_for_the_work_in_progress() -> None:
    with served() as place:
        connection = place.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert place.begun.wait(20)
        place.server.stop()
        place.goes_on.set()
        assert whole(connection).endswith(b"ok")
        place.thread.join(20)
        assert not place.thread.is_alive()


def waits(place: Served, number: int) -> bool:
    return len(place.server.task_dispatcher.queue) == number


def test_what_is_imported_is_left_out_of_garbage_collections() -> None:
    asks = "import gc; from config.web.__main__ import collect_less; collect_less(); print(gc.get_freeze_count())"
    ended = subprocess.run([sys.executable, "-c", asks], cwd=settings.BASE_DIR, capture_output=True, check=True)
    assert int(ended.stdout) > 10_000


def in_order(place: Served, *requests: str) -> list[str]:
    """Send requests one after the other while the one thread is busy; return the paths as they were answered."""
    waiting = [place.send("GET /wait HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")]
    assert place.begun.wait(20)
    for number, request in enumerate(requests, start=1):
        waiting.append(place.send(f"{request}Host: localhost\r\nConnection: close\r\n\r\n"))
        wait_until(partial(waits, place, number), 20, "in the queue")
    place.goes_on.set()
    assert all(whole(connection).endswith(b"ok") for connection in waiting)
    return [path for path, _bytes in place.asked[1:]]


PAGE = "GET /o/acme/schedules/{} HTTP/1.1\r\n"
POLL = "GET /o/acme/poll/{} HTTP/1.1\r\nHX-Request: true\r\n"


def test_a_click_and_its_progress_do_not_wait_behind_pages() -> None:
    pages = [PAGE.format(number) for number in range(3)]
    urgent = ["POST /o/acme/click HTTP/1.1\r\nContent-Length: 0\r\n", POLL.format(0), "GET /static/a.js HTTP/1.1\r\n"]
    with served(threads=1) as place:
        answered = in_order(place, *pages, *urgent)
    assert answered[:3] == ["/o/acme/click", "/o/acme/poll/0", "/static/a.js"]
    assert answered[3:] == [f"/o/acme/schedules/{number}" for number in range(3)]


@pytest.mark.parametrize(("shares", "closes"), [(True, True), (False, False)])
def test_a_busy_process_lets_others_have_the_next_request(shares: bool, closes: bool) -> None:
    with served(shares=shares) as place:
        wait_until(lambda: place.server.task_dispatcher.active_count == 0, 20, "all threads have started")
        alone = place.send(FORM.format(0).replace("/sign-in/", "/wait"))
        assert place.begun.wait(20)
        beside = http.client.HTTPConnection("127.0.0.1", place.port, timeout=20)
        beside.request("GET", "/")
        answer = beside.getresponse()
        answer.read()
        assert answer.will_close == closes
        place.goes_on.set()
        with alone:
            assert b"Connection: close" not in alone.recv(65_536)


def test_pages_do_not_starve_behind_what_is_urgent() -> None:
    with served(threads=1) as place:
        answered = in_order(place, PAGE.format(0), PAGE.format(1), *[POLL.format(number) for number in range(9)])
    assert [place for place, path in enumerate(answered) if "schedules" in path] == [IN_A_ROW, 2 * IN_A_ROW + 1]


def test_the_answer_does_not_name_the_server() -> None:
    with served() as place:
        assert b"server:" not in place.get().lower()


@pytest.mark.thorough
def test_a_crowd_of_attackers_leaves_the_product_up(tmp_path: Path) -> None:
    """The attack that switched it off: slow bodies with a valid cookie, and uploads without end, all at once."""
    port = free_port()
    with running(SUPERVISOR, "run", PORT=str(port), DATA_DIR=str(tmp_path), **FIRST_ADMIN) as command:
        command.until(READY, 120)
        cookie = get(port).headers["set-cookie"].partition(";")[0]
        form = f"POST /sign-in/ HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nContent-Type: "
        slow = form + "application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nusername=a"
        file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        upload = f"{form}multipart/form-data; boundary=b\r\nContent-Length: 300000000\r\n\r\n{file}"
        page = f"GET /sign-in/ HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
        with contextlib.ExitStack() as stack:
            for text in [slow, form, page * 20, ""] * 100:
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
                connection.sendall(text.encode())
            for _ in range(10):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
                with contextlib.suppress(ConnectionError):  # refused on the way
                    connection.sendall(upload.encode() + b"x" * 10_000_000)
            for path in ("/healthz", "/sign-in/", "/healthz", "/sign-in/"):
                began = time.monotonic()
                answer = get(port, path)
                assert answer.status == 200 and time.monotonic() - began < 1
            assert "server" not in answer.headers
            refused = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            refused.sendall(upload.encode())
            assert "This is too large" in whole(refused).decode()
        command.process.send_signal(signal.SIGTERM)
        assert command.end(60) == 0
    # Attackers do not fill the log either.
    assert [line for line in command.said if "waitress" in line] == []


def test_all_addresses_are_those_of_both_kinds() -> None:
    """`HOST=::`: people who write it mean every address of the machine, as elsewhere."""
    served = Served(Bounds(), host="::")
    served.thread.start()
    try:
        for address in ("127.0.0.1", "::1"):
            with socket.create_connection((address, served.port), timeout=20) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert b"200 OK" in whole(connection)
    finally:
        served.server.stop()
        served.thread.join()
