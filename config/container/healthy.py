"""Ask the web server of this container whether it works: `python -m config.container.healthy`. Exit status 0: yes."""

from __future__ import annotations

import http.client
import os
import sys
from contextlib import closing
from urllib.parse import urlsplit

SECONDS = 4.0


def main() -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=SECONDS)
    name = urlsplit(os.environ.get("BASE_URL", "")).netloc or "localhost"
    with closing(connection):
        try:
            connection.request("GET", "/healthz", headers={"Host": name})
            return 0 if connection.getresponse().status == 200 else 1
        except (OSError, http.client.HTTPException):
            return 1


if __name__ == "__main__":
    sys.exit(main())
