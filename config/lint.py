"""`make lint`: every check, even after one that failed, so that one run shows all there is to do."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from config.supervisor.child import die_with_parent
from config.supervisor.processes import ROOT

PYTHON = sys.executable
UV = ROOT / ".venv" / "tools" / "bin" / "uv"
INDEX = "pypi.org"


def checks(sources: list[str]) -> list[tuple[str, list[str]]]:
    """What to run, by the name that stands before its result."""
    return [
        ("ruff", [PYTHON, "-m", "ruff", "check", "--quiet", "."]),
        ("format", [PYTHON, "-m", "ruff", "format", "--quiet", "--check", "."]),
        ("types", [PYTHON, "-m", "mypy", "--no-error-summary", "--cache-dir", str(types_cache()), *sources]),
        ("layers", [str(Path(PYTHON).with_name("lint-imports")), "--no-logo"]),
        ("scripts", [str(Path(PYTHON).with_name("oxlint")), "--quiet", "--deny-warnings", "static/js"]),
        ("templates", [PYTHON, "-m", "djlint", "--quiet", "--lint", "templates"]),
        ("template format", [PYTHON, "-m", "djlint", "--check", "templates"]),
        ("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run", "--settings", "tests.settings"]),
    ]


def types_cache() -> Path:
    """A folder of its own for each state of the models: the Django plugin misses relations newer than its cache."""
    known = hashlib.sha256()
    for path in sorted([*ROOT.glob("*/models.py"), *ROOT.glob("*/models/*.py")]):
        known.update(path.read_bytes())
    folder = ROOT / ".mypy_cache" / known.hexdigest()[:12]
    for other in folder.parent.glob("*"):
        if other.is_dir() and other != folder:
            shutil.rmtree(other)
    return folder


def sources() -> list[str]:
    """The packages, and manage.py: all Python that is ours."""
    return [*sorted(path.parent.name for path in ROOT.glob("*/__init__.py")), "manage.py"]


def passes(name: str, command: list[str]) -> bool:
    """Runs a check; its output is shown when it fails."""
    result = subprocess.run(  # noqa: S603
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(f"{name}: {'ok' if result.returncode == 0 else 'FAILED'}", flush=True)
    if result.returncode:
        print(result.stdout, flush=True)
    return result.returncode == 0


def audit() -> bool:
    """Known vulnerabilities of the locked packages, as far as the index that knows them can be reached."""
    uv = str(UV) if UV.is_file() else shutil.which("uv")
    try:
        socket.create_connection((INDEX, 443), timeout=5).close()
    except OSError:
        uv = None
    if uv is None:
        print(f"pip-audit: skipped, because {INDEX} can't be reached from here (or there is no uv)", flush=True)
        return True
    with tempfile.TemporaryDirectory(prefix="panelist-audit-") as folder:
        locked = str(Path(folder, "locked.txt"))
        export = [uv, "export", "--frozen", "--quiet", "--no-emit-project", "--output-file", locked]
        subprocess.run(export, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        return audited([PYTHON, "-m", "pip_audit", "--progress-spinner", "off", "--disable-pip", "-r", locked])


def audited(command: list[str]) -> bool:
    """pip-audit ends with 1 both for a finding and for an index that does not answer: its words tell which."""
    result = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)  # noqa: S603
    if result.returncode and not result.stdout.strip():
        reason = (result.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        print(f"pip-audit: skipped, because {INDEX} did not tell what it knows: {reason[:200]}", flush=True)
        return True
    print(f"pip-audit: {'FAILED' if result.returncode else 'ok'}", flush=True)
    if result.returncode:
        print(result.stdout, flush=True)
    return result.returncode == 0


def main() -> int:
    os.environ["PANELIST_IGNORE_DOTENV"] = "1"
    results = [passes(name, command) for name, command in checks(sources())]
    return 0 if all([*results, audit()]) else 1


if __name__ == "__main__":
    die_with_parent()
    sys.exit(main())
