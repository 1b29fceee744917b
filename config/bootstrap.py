"""Makes .venv from the lock file: `python3 config/bootstrap.py [--dev]`.

Runs with whatever python3 the machine has, before any package is there: so only the standard library, and no syntax
that keeps an older Python from saying that it is too old. When nothing changed it returns at once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

UV = "uv==0.13.9"
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = VENV / "tools"


def main() -> int:
    """Returns the exit status; every failure has printed one sentence that says what to do."""
    if sys.version_info < (3, 11):  # noqa: UP036
        return fail(
            f"Panelist needs Python 3.11 or newer, and this is {sys.version_info[0]}.{sys.version_info[1]}. "
            "Install a newer one, or name it: make demo PYTHON=python3.12"
        )
    # Who once had the development tools keeps them: `make demo` does not take away what `make test` brings.
    dev = "--dev" in sys.argv[1:] or stamp(dev=True).exists()
    wanted = fingerprint()
    if up_to_date(wanted, dev):
        return 0
    print("Preparing the Python environment in .venv ...", flush=True)
    return make_venv() or install_uv() or sync(wanted, dev)


def fingerprint() -> str:
    """Changes when the lock file, the interpreter or the place of the folder does."""
    known = hashlib.sha256()
    for part in (UV, sys.version, os.path.realpath(sys.executable), str(ROOT)):
        known.update(part.encode() + b"\0")
    known.update((ROOT / "uv.lock").read_bytes())
    known.update((ROOT / "pyproject.toml").read_bytes())
    return known.hexdigest()


def stamp(dev: bool) -> Path:
    return VENV / ("installed-dev" if dev else "installed")


def up_to_date(wanted: str, dev: bool) -> bool:
    """The environment with the development tools also serves where they are not needed."""
    if not (VENV / "bin" / "python").exists():
        return False
    stamps = [stamp(True)] if dev else [stamp(False), stamp(True)]
    return any(path.is_file() and path.read_text() == wanted for path in stamps)


def make_venv() -> int:
    """A new .venv, unless the one that is there was made by this same interpreter."""
    home = VENV / "made-with"
    mine = os.path.realpath(sys.executable) + " " + sys.version
    if (VENV / "bin" / "python").exists() and home.is_file() and home.read_text() == mine:
        return 0
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401
        import venv

        venv.create(VENV, with_pip=True)
    except (ImportError, subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        return fail(
            f"python3 can't make a virtual environment with pip ({type(error).__name__}). Install those parts of it "
            "(Debian and Ubuntu: apt install python3-venv python3-pip) and start again."
        )
    home.write_text(mine)
    return 0


def install_uv() -> int:
    """uv into a folder of its own, so that an exact sync leaves it alone."""
    if (TOOLS / UV).is_file():
        return 0
    shutil.rmtree(TOOLS, ignore_errors=True)
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    if subprocess.call([*command, "--target", str(TOOLS), UV]):  # noqa: S603
        return fail(f"pip could not install {UV}. Is the package index reachable?")
    (TOOLS / UV).touch()
    return 0


def sync(wanted: str, dev: bool) -> int:
    """Exactly what uv.lock says, with this interpreter and no other."""
    environment = dict(
        os.environ,
        UV_PROJECT_ENVIRONMENT=str(VENV),
        UV_PYTHON=str(VENV / "bin" / "python"),
        UV_PYTHON_DOWNLOADS="never",
        VIRTUAL_ENV="",
    )
    command = [str(TOOLS / "bin" / "uv"), "sync", "--frozen", "--quiet"]
    command += [] if dev else ["--no-dev"]
    if subprocess.call(command, cwd=str(ROOT), env=environment):  # noqa: S603
        return fail("The locked packages could not be installed; the lines above say why.")
    for path in (stamp(True), stamp(False)):
        path.unlink(missing_ok=True)
    stamp(dev).write_text(wanted)
    return 0


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
