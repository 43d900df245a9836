"""The list of lines that were damaged on purpose, so that each can be looked for afterwards.

Upstream: ``producer.account``. Downstream: ``invoice-stream reconcile``, which
finds every entry in the lake's ``rejected/``.
"""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from connectors.record_sink import Placement
from producer.outgoing import Outgoing
from producer.source import SourceError


class Ledger(AbstractContextManager["Ledger"]):
    """JSON lines: ``invoice_no``, ``line_no``, ``shard_id``, ``sequence_number``, ``damage``.

    Args:
        path: File to write, replaced when it exists; None keeps no ledger.

    Raises:
        SourceError: The file cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        try:
            self._file = None if path is None else path.open("w", encoding="utf-8")
        except OSError as error:
            raise SourceError(f"{path} cannot be written: {error.strerror}") from error

    def add(self, line: Outgoing, placement: Placement) -> None:
        """Write one line down, now that it stands on the stream."""
        if self._file is not None:
            entry = {
                "invoice_no": line.invoice_no,
                "line_no": line.line_no,
                "shard_id": placement.shard_id,
                "sequence_number": placement.sequence_number,
                "damage": line.damage,
            }
            self._file.write(json.dumps(entry) + "\n")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
