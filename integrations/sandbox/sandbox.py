"""The sandbox as one object: the controls with a server, for tests and benchmarks and for the command."""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from integrations.sandbox import routes
from integrations.sandbox.controls import Controls
from integrations.sandbox.gateway import Answer, error_answer
from integrations.sandbox.model import Settings
from integrations.sandbox.server import Request, Server


class NotLoopback(ValueError):
    """The sandbox has no sign-in, so it listens on this machine only unless a demo asks for more."""


class Sandbox(Controls):
    """A local CodeSignal; the package's docstring shows how to use it.

    `base_url` is the beginning of links, where it is not the server's own address.
    """

    def __init__(
        self,
        state_path: str | Path | None = None,
        settings: Settings | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        base_url: str = "",
        demo: bool = False,
    ) -> None:
        if not demo and not is_loopback(host):
            raise NotLoopback("The sandbox listens on a loopback address only, unless it is started for a demo.")
        super().__init__(state_path, settings or Settings())
        self._host, self._port, self._base_url = host, port, base_url.rstrip("/")
        self._server: Server | None = None

    def start(self) -> Self:
        """Bind, and serve in threads. Raises OSError when the port is taken."""
        self._server = Server((self._host, self._port), self._answer)
        self._port = self._server.server_port
        self.vendor.base_url = self._base_url or self.url
        for surface in self.surfaces.values():
            surface.base_url = self.vendor.base_url
        self.webhooks.start()
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True
        ).start()
        return self

    def _answer(self, request: Request) -> Answer | None:
        if not is_own_name(request.headers.get("Host"), self.vendor.base_url):
            return error_answer(421, "The sandbox does not have this name. Open it by its IP address.")
        for surface in self.surfaces.values():
            if request.path.startswith(surface.prefix):
                return surface.answer(request)
        if request.path != "/graphql":
            return routes.answer(self, request)
        if request.method != "POST":
            return error_answer(405, "Use POST.", headers={"Allow": "POST"})
        return self.gateway.answer(request.headers.get("Authorization"), request.body, request.arrived)

    def stop(self) -> None:
        """End all connections and threads and close the state. Requests in flight get no answer."""
        self.stopping.set()
        if self._server is not None:
            with suppress(OSError):  # wakes the loop that listens: it would end at its next look, and tests start many
                self._server.socket.shutdown(socket.SHUT_RDWR)
            self._server.shutdown()
            self._server.end_connections()
            self._server.server_close()
            self._server = None
        self.webhooks.stop()
        with self.vendor.lock:
            self.vendor.journal.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def graphql_url(self) -> str:
        """The value for CODESIGNAL_API_URL."""
        return f"{self.url}/graphql"


def is_own_name(host: str | None, base_url: str) -> bool:
    """Whether a Host header is an IP address, `localhost`, or the host of `base_url`.

    Any other name may be one that a stranger's DNS lets lead here, so that browsers take the sandbox for their site.
    """
    if host is None:
        return True  # no browser
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name in ("localhost", urlsplit(base_url).hostname):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """True for 127.0.0.0/8, ::1 and localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
