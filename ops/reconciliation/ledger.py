"""The producer's ledger of lines it damaged on purpose, and where on the stream they went.

One JSON object a line, written by ``invoice-producer send --ledger``.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from ops.errors import UserError


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A line that was sent damaged.

    Attributes:
        shard_id: Shard its record went to.
        sequence_number: Its record's place on the shard.
        invoice_no: The line's invoice, as it was before the damage.
        line_no: Its number, as it was before the damage.
        damage: What was done to it.
    """

    shard_id: str
    sequence_number: str
    invoice_no: str
    line_no: int
    damage: str

    @property
    def place(self) -> tuple[str | None, str | None]:
        """Where its record is."""
        return self.shard_id, self.sequence_number


def read_ledger(path: Path) -> list[LedgerEntry]:
    """All entries of a ledger.

    Raises:
        UserError: There is no such file, or it is none.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            return [_entry(json.loads(line)) for line in lines]
    except FileNotFoundError as error:
        raise UserError(f"no ledger at {path}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path} is not a ledger of damaged lines: {error}") from error


def _entry(values: dict[str, str | int]) -> LedgerEntry:
    return LedgerEntry(
        shard_id=str(values["shard_id"]),
        sequence_number=str(values["sequence_number"]),
        invoice_no=str(values["invoice_no"]),
        line_no=int(values["line_no"]),
        damage=str(values["damage"]),
    )
