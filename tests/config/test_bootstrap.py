"""What `make` does before there is anything: the interpreter, and when nothing has to be done."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.running import ROOT, environment


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as bootstrap.py looks at."""
    (tmp_path / "config").mkdir()
    for name in ("config/bootstrap.py", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def bootstrap(checkout: Path, before: str) -> subprocess.CompletedProcess[str]:
    """Runs bootstrap.py after the lines `before`, in a process of its own without a package index."""
    code = f"import runpy, sys\n{before}\nrunpy.run_path('config/bootstrap.py', run_name='__main__')"
    command = [sys.executable, "-c", code]
    env = environment(PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE="/dev/null")
    return subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True)


def test_an_old_python_is_told_what_to_do(checkout: Path) -> None:
    result = bootstrap(checkout, "sys.version_info = (3, 10, 13)")
    assert result.returncode == 1
    assert result.stderr == (
        "Panelist needs Python 3.11 or newer, and this is 3.10. "
        "Install a newer one, or name it: make demo PYTHON=python3.12\n"
    )
    assert not (checkout / ".venv").exists()


def test_a_python_without_pip_is_told_what_to_install(checkout: Path) -> None:
    result = bootstrap(checkout, "sys.modules['ensurepip'] = None")
    assert result.returncode == 1
    assert "apt install python3-venv python3-pip" in result.stderr and "Traceback" not in result.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.thorough
def test_an_index_out_of_reach_is_said_and_the_next_run_tries_again(checkout: Path) -> None:
    for _ in range(2):
        result = bootstrap(checkout, "")
        assert result.returncode == 1
        assert "Is the package index reachable?" in result.stderr


PREPARED = """
sys.modules["ensurepip"] = None  # so that what it begins ends soon
sys.argv = ["bootstrap.py"{flag}]
code = runpy.run_path("config/bootstrap.py")
(code["VENV"] / "bin").mkdir(parents=True)
(code["VENV"] / "bin" / "python").touch()
code["stamp"]({dev}).write_text(code["fingerprint"]())
{after}
"""


@pytest.mark.parametrize(
    ("dev", "flag", "after", "silent"),
    [
        (False, "", "", True),
        (True, "", "", True),  # the development tools are more than `make demo` needs
        (True, ", '--dev'", "", True),
        (False, ", '--dev'", "", False),
        (False, "", "open('uv.lock', 'a').write('# changed')", False),
    ],
)
def test_it_does_something_only_when_something_changed(
    dev: bool, flag: str, after: str, silent: bool, checkout: Path
) -> None:
    result = bootstrap(checkout, PREPARED.format(dev=dev, flag=flag, after=after))
    assert (result.stdout == "") is silent
    assert (result.returncode == 0) is silent
