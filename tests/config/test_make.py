"""`make` in an empty checkout: which Python it takes, when it makes .venv, and when nothing has to be done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.running import ROOT, environment

#: A Python whose venv and pip take no time: they leave a trace in `trace`, and so does the uv that pip installs.
QUICK = """#!/bin/sh
case "$1 $2" in
"-m venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo venv >> trace ;;
"-m pip") mkdir -p .venv/tools/bin && cp uv .venv/tools/bin/uv ;;
"-m config.supervisor") echo "started $3" ;;
"-m pytest") echo "tested" ;;
*) exec {python} -c 'import sys; {before}; exec(sys.argv[2])' "$@" ;;
esac
"""
UV = """#!/bin/sh
echo "uv $*" >> trace
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the files that the environment is made from."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Makefile", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    script(folder / "uv", UV)
    return folder


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def make(
    checkout: Path, goal: str = "demo", before: str = "pass", python: str = "", extras: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `make goal`, with a Python that runs the line `before` first, and without a package index."""
    if not python:
        script(checkout / "quick", QUICK.format(python=sys.executable, before=before))
    env = environment(PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE="/dev/null")
    command = ["make", goal, f"PYTHON={python or './quick'}", *([f"EXTRAS={extras}"] if extras else [])]
    return subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True)


def trace(checkout: Path) -> list[str]:
    """The work done since the last call: "venv" for a new .venv, the arguments of uv for each sync."""
    path = checkout / "trace"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def test_an_old_python_is_told_what_to_do(checkout: Path) -> None:
    result = make(checkout, before="sys.version_info = (3, 10, 13)")
    assert result.returncode != 0
    assert result.stderr.startswith(
        "Panelist needs Python 3.11 or newer, and this is 3.10. "
        "Install a newer one, or name it: make demo PYTHON=python3.12\n"
    )
    assert not (checkout / ".venv").exists()


def test_a_python_without_pip_is_told_what_to_install(checkout: Path) -> None:
    script(checkout / "bare", f'#!/bin/sh\n[ "$2" = venv ] && mkdir .venv && exit 1\nexec {sys.executable} "$@"\n')
    result = make(checkout, python="./bare")
    assert result.returncode != 0
    assert "apt install python3-venv python3-pip" in result.stderr and "Traceback" not in result.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.thorough
def test_an_index_out_of_reach_is_said_and_the_next_run_tries_again(checkout: Path) -> None:
    for _ in range(2):
        result = make(checkout, python=sys.executable)
        assert result.returncode != 0
        assert "Is the package index reachable?" in result.stderr


@pytest.mark.parametrize(
    ("first", "then", "change", "silent"),
    [
        ("demo", "demo", False, True),
        ("test", "demo", False, True),  # the development tools are more than `make demo` needs
        ("test", "test", False, True),
        ("demo", "test", False, False),
        ("demo", "demo", True, False),
    ],
)
def test_it_does_something_only_when_something_changed(
    first: str, then: str, change: bool, silent: bool, checkout: Path
) -> None:
    assert make(checkout, first).returncode == 0
    assert trace(checkout)[0] == "venv"
    if change:
        make_newer(checkout)
    result = make(checkout, then)
    assert result.returncode == 0
    assert ("Preparing" not in result.stdout) is silent
    assert (trace(checkout) == []) is silent


def make_newer(checkout: Path) -> None:
    """Change the lock file after the packages were installed."""
    now = max(path.stat().st_mtime for path in (checkout / ".venv").iterdir())
    with (checkout / "uv.lock").open("a") as file:
        file.write("# changed")
    os.utime(checkout / "uv.lock", (now + 1, now + 1))


def test_development_tools_stay(checkout: Path) -> None:
    make(checkout, "demo")
    assert trace(checkout) == ["venv", "uv sync --frozen --quiet --no-dev"]
    make(checkout, "test")
    assert trace(checkout) == ["uv sync --frozen --quiet"]
    make_newer(checkout)
    make(checkout, "demo")
    assert trace(checkout) == ["uv sync --frozen --quiet"]


def test_an_extra_is_there_for_as_long_as_it_is_asked_for(checkout: Path) -> None:
    make(checkout, extras="saml")
    assert trace(checkout) == ["venv", "uv sync --frozen --quiet --extra saml --no-dev"]
    make(checkout, extras="saml")
    assert trace(checkout) == []
    make(checkout)
    assert trace(checkout) == ["uv sync --frozen --quiet --no-dev"]
    make(checkout, extras="saml")
    assert trace(checkout) == ["uv sync --frozen --quiet --extra saml --no-dev"]


def test_an_install_that_was_cut_off_is_made_anew(checkout: Path) -> None:
    script(checkout / "uv", "#!/bin/sh\nkill -9 $PPID\n")
    assert make(checkout).returncode != 0
    script(checkout / "uv", UV)
    (checkout / ".venv" / "half").touch()
    trace(checkout)
    assert "started demo" in make(checkout).stdout
    assert trace(checkout)[0] == "venv" and not (checkout / ".venv" / "half").exists()


def test_a_moved_checkout_makes_its_environment_anew(checkout: Path) -> None:
    make(checkout)
    moved = checkout.rename(checkout.with_name("moved"))
    trace(moved)
    assert "started demo" in make(moved).stdout
    assert trace(moved)[0] == "venv"


def test_another_python_makes_its_environment_anew(checkout: Path) -> None:
    make(checkout)
    trace(checkout)
    assert "started demo" in make(checkout, before='sys.version = "3.99"').stdout
    assert trace(checkout)[0] == "venv"
