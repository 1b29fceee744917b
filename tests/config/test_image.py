"""The image is built, and runs as docs/containers.md says, from a Debian made here: no registry is asked.

The base differs from the Dockerfile's own by where it comes from: Debian's Python in place of Docker's.
"""

from __future__ import annotations

import contextlib
import http.client
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import services
from tests.config.test_container_files import compose

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.services,
    pytest.mark.timeout(900),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1"]),
]
#: Bytes over those of the base; 220 MB when this was written.
LARGEST = 300_000_000
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BASE, IMAGE = "localhost/panelist-base", "localhost/panelist"
#: Fewer files and processes than the machine allows itself: what runs the tests may not raise the limits again.
LIMITS = ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"]
#: In the machine's own network; podman would have systemd repeat the health check, which is asked here by hand.
HERE = [*LIMITS, "--network", "host", "--no-healthcheck"]
GUARDED = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "all", "--security-opt", "no-new-privileges"]
FIRST_ADMIN = {
    "FIRST_ADMIN_NAME": "Ada Admin",
    "FIRST_ADMIN_EMAIL": "ada@example.com",
    "FIRST_ADMIN_PASSWORD": "a-long-password-for-one-test",
    "FIRST_ADMIN_ORGANIZATION": "Example",
    "CHECK_BREACHED_PASSWORDS": "false",
}


@dataclass
class Podman:
    """Podman and buildah with a store of their own. `runtime`: the options with which containers run here."""

    folder: Path
    runtime: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)

    def __call__(self, *arguments: str, program: str = "podman", seconds: float = 300) -> str:
        """Run it, and return what it said. Raise AssertionError with its last words when it fails."""
        store = ["--root", str(self.folder / "store"), "--runroot", str(self.folder / "run")]
        done = subprocess.run(
            [program, *store, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
        )
        assert done.returncode == 0, f"{program} {arguments[0]}: {(done.stdout + done.stderr)[-3000:]}"
        return done.stdout.strip()

    def run(self, name: str, command: list[str], volume: str, **environment: str) -> None:
        """Start a container with the guards of docs/containers.md, in the machine's own network."""
        variables = [part for item in environment.items() for part in ("--env", "=".join(item))]
        options = [*self.runtime, *HERE, *GUARDED, "--volume", f"{volume}:/data"]
        self.containers.append(name)
        self("run", "--detach", "--name", name, *options, *variables, IMAGE, *command)

    def status(self, name: str) -> int:
        """Wait for the end of a container, and return its exit status."""
        return int(self("wait", name))

    def remove_all(self) -> None:
        for name in self.containers:
            self("rm", "--force", "--time", "0", name)


def base(folder: Path) -> Path:
    """A Debian with Python, and with the certificates that this machine trusts, as a file."""
    made = folder / "base.tar"
    into = f'mkdir -p "$1/etc/ssl/certs" && cp {CERTIFICATES} "$1/etc/ssl/certs/here.crt"'
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=python3,python3-venv,ca-certificates"]
    done = subprocess.run(
        [*command, f"--customize-hook={into}", "bookworm", str(made)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no image was built: mmdebstrap failed here: {done.stderr[-500:]}")
    return made


def find_runtime(podman: Podman) -> None:
    """Set the options with which a container runs. Skip where none does."""
    said = ""
    for options in ([], ["--runtime", "runc"]):
        try:
            podman("run", "--rm", *options, *HERE, BASE, "true")
        except AssertionError as problem:
            said = str(problem)
        else:
            podman.runtime = options
            return
    pytest.skip(f"no image was built: this machine lets no container run: {said[-500:]}")


@pytest.fixture
def podman() -> Iterator[Podman]:
    """The image, built."""
    missing = [program for program in services.WANTED if services.find(program) is None]
    if missing:
        pytest.skip(f"no image was built: not installed: {', '.join(missing)}")
    folder = Path(tempfile.mkdtemp(prefix="image-", dir="/tmp"))  # podman's folder has a short name, or it refuses
    podman = Podman(folder)
    trust = [f"ENV {name}=/etc/ssl/certs/here.crt" for name in ("SSL_CERT_FILE", "PIP_CERT")]
    podman("import", *(part for line in trust for part in ("--change", line)), str(base(folder)), BASE)
    find_runtime(podman)
    build = ["bud", "--isolation", "chroot", "--network", "host", "--format", "docker", *LIMITS[:2]]
    podman(*build, "--build-arg", f"BASE={BASE}", "--tag", IMAGE, ".", program="buildah", seconds=600)
    yield podman
    podman.remove_all()
    podman("rmi", "--all", "--force")
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)


def ask(port: int, path: str) -> tuple[int, bytes]:
    """Status and content; 0 while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    return 0, b""


def until(holds: Callable[[], bool], podman: Podman, name: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, podman("logs", name)[-3000:]
        time.sleep(0.5)


def is_small_and_has_only_the_product(podman: Podman) -> None:
    size, least = (int(podman("inspect", "--format", "{{.Size}}", name)) for name in (IMAGE, BASE))
    assert size - least < LARGEST
    inside = podman(
        "run", "--rm", *podman.runtime, *HERE, IMAGE, "sh", "-c", "ls -A /app; id -u; which gcc uv pip || true"
    )
    kept = set(inside.split())
    assert "10001" in kept
    assert not kept & {"tests", "benchmarks", ".git", ".env", "var", "gcc", "uv", "pip"}


def runs_everything_in_one_container(podman: Podman) -> None:
    port = services.free_port()
    podman.run("one", [], "one", PORT=str(port), HOST="127.0.0.1", **FIRST_ADMIN)
    until(lambda: ask(port, "/readyz")[0] == 200, podman, "one")
    status, page = ask(port, "/sign-in/")
    assert status == 200
    style = page.decode().partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert ask(port, style)[0] == 200
    podman("exec", "one", "python", "-m", "config.container.healthy")
    podman("exec", "one", "python", "manage.py", "check")
    with pytest.raises(AssertionError, match="Read-only"):
        podman("exec", "one", "touch", "/app/written")
    podman("stop", "--time", "40", "one")
    assert "Stopped." in podman("logs", "one")
    assert podman.status("one") == 0


def nginx_of(folder: Path, port: int, upstream: int) -> services.Server:
    """The proxy of compose.yaml, with this machine's addresses in place of compose's names."""
    rules = (ROOT / "config/container/panelist.conf").read_text()
    rules = rules.replace("resolver 127.0.0.11 valid=5s;\n", "").replace("web:8000", f"127.0.0.1:{upstream}")
    (folder / "panelist.conf").write_text(rules)
    site = (ROOT / "config/container/nginx.conf").read_text()
    site = site.replace("/etc/nginx/", f"{folder}/").replace("8080", f"127.0.0.1:{port}")
    main = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ access_log off; {site} }}"
    (folder / "nginx.conf").write_text(main)
    program = services.find("nginx") or "nginx"
    return services.Server([program, "-c", str(folder / "nginx.conf")], port, "", None, folder / "log")


def runs_apart_behind_the_proxy(podman: Podman, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(Path(tempfile.gettempdir()) / "pytest-of-root"):
            folder.chmod(0o755)  # the user postgres has to get through, also past the folder of one of several workers
    port, outside = services.free_port(), services.free_port()
    with services.postgres(tmp_path / "postgres") as database, services.redis(tmp_path / "redis") as redis:
        settings = {
            "DATABASE_URL": database.address,
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "BASE_URL": f"http://localhost:{outside}",
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        commands = {name: service.get("command", []) for name, service in compose()["services"].items()}
        podman.run("prepare", commands["prepare"], "parts", **settings, **FIRST_ADMIN)
        assert podman.status("prepare") == 0, podman("logs", "prepare")
        for name in ("web", "worker", "beat"):
            podman.run(name, commands[name], "parts", **settings)
        with services.started(nginx_of(tmp_path, outside, port)):
            until(lambda: ask(outside, "/readyz")[0] == 200, podman, "web")
            assert ask(outside, "/sign-in/")[0] == 200
            for name in ("worker", "beat", "web"):
                podman("stop", "--time", "40", name)
                assert podman.status(name) == 0, podman("logs", name)[-2000:]
            assert ask(outside, "/healthz")[0] == 502


def test_the_image_is_what_the_page_promises(podman: Podman, tmp_path: Path) -> None:
    """One test, because the image takes a minute to make and each process of tests would make its own."""
    is_small_and_has_only_the_product(podman)
    runs_everything_in_one_container(podman)
    runs_apart_behind_the_proxy(podman, tmp_path)
