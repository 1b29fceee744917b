"""kombu's broker of files, made safe for several processes. Used where no Redis is configured.

kombu creates a message's file under its final name before it writes it: a worker that reads in between fails at an
empty file. Here a file appears only when it is whole.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """The same files under the same names, in the order in which they were sent, also across a restart."""

    def _put(self, queue: str, payload: dict[str, Any], **_options: Any) -> None:  # type: ignore[override]
        final = Path(self.data_folder_out) / f"{time_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        with complete_file(final, dumps(payload)) as written:
            written.replace(final)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - kombu's signature
        """Return the next message. An unreadable one, as after a full disk, is dropped: it would stop every worker."""
        for path in sorted(Path(self.data_folder_in).iterdir()):
            if path.name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = Path(self.data_folder_in, f".{uuid.uuid4()}")
            try:
                path.rename(taken)
            except OSError:
                continue  # another worker was faster
            try:
                return loads(taken.read_text())
            except ValueError:
                continue
            finally:
                taken.unlink()
        raise Empty

    def _queue_bind(self, exchange: Any, routing_key: Any, pattern: Any, queue: Any) -> None:
        final = Path(self.control_folder) / f"{exchange}.exchange"
        if not final.exists():
            with complete_file(final, dumps([])) as written, contextlib.suppress(FileExistsError):
                os.link(written, final)
        super()._queue_bind(exchange, routing_key, pattern, queue)


@contextlib.contextmanager
def complete_file(final: Path, text: str) -> Iterator[Path]:
    """A complete file beside `final`, for the block to move there. Raises ChannelError when writing fails."""
    written = final.with_name(f".{uuid.uuid4()}")
    try:
        written.write_text(text)
        yield written
    except OSError as problem:
        raise ChannelError(f"Cannot write to the folder {final.parent}") from problem
    finally:
        with contextlib.suppress(OSError):
            written.unlink(missing_ok=True)


class Transport(filesystem.Transport):
    """Replaces kombu's own transport; see config.celery."""

    Channel = Channel
    global_state = virtual.BrokerState()
