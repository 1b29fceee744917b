"""Copy the pages' CSS, JavaScript and icons from npm packages into static/vendor (`make vendor`).

`static/vendor/versions.json` names versions and files. Needs npm; the result is committed, so that running and testing
the product needs no npm.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
SOURCE_MAP = re.compile(rb"(/\*[#@]\s*sourceMappingURL=.*?\*/|//[#@]\s*sourceMappingURL=.*)")


def main() -> None:
    for package in json.loads((VENDOR / "versions.json").read_text())["packages"]:
        with tempfile.TemporaryDirectory() as folder:
            spec = f"{package['name']}@{package['version']}"
            subprocess.run(["npm", "pack", "--silent", spec], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
                for source, target in package["files"].items():
                    member = archive.extractfile(f"package/{source}")
                    if member is None:
                        raise SystemExit(f"{spec} has no file {source}")
                    path = VENDOR / target
                    path.parent.mkdir(parents=True, exist_ok=True)
                    # Source maps are not vendored: a reference to one would be a dead link.
                    path.write_bytes(SOURCE_MAP.sub(b"", member.read()))
        print(spec)


if __name__ == "__main__":
    main()
