"""Writing revisions into ``Invoices``: compare and swap, part by part.

Every write asks for the digest of what it replaces, so an older revision, also
from a task that should be dead, never overwrites a newer one. Three facts make the
end state exact, in whatever order and however often revisions come:

- Lines only ever join a part; whoever is refused reads all parts, merges by identity
  and tries again. The line that stands there first stands.
- Line parts are written before part 0, whose header speaks for all of them. A
  writer that dies in between leaves lines without a header that counts them; its
  revision comes again and finds them there.
- Parts are read in their order. Who read part 0 before another's lines were there is
  refused part 0 when the other has written it, and reads again.

Upstream: ``flink_job.write_documents``. Downstream: ``connectors.dynamodb.store``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from connectors.dynamodb.errors import ContendedError
from connectors.dynamodb.store import DocumentStore
from connectors.dynamodb.tally import Tally
from invoices.documents import InvoicePart, build_parts, part_numbers
from invoices.header import FormerPlace, Header, Place, former_places, header_of, in_order
from invoices.revision import Revision
from invoices.stored_invoices import StoredPart, read_part
from invoices.stored_items import Item

ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class WrittenInvoice:
    """An invoice as ``Invoices`` holds it now.

    Attributes:
        header: Its header.
        former: Places its purchase stood at before.
        is_new: Whether nothing of it was there before.
    """

    header: Header
    former: tuple[FormerPlace, ...]
    is_new: bool


class InvoiceWriter:
    """Writes revisions into ``Invoices``.

    Delivery: at least once, idempotent. When ``write`` returns, every line of the
    revision and a header that counts it are acknowledged; when it raises, some may be,
    and writing the revision again completes them.

    Args:
        store: The tables.
        attempts: How often a merge may lose against other writers.
    """

    def __init__(self, store: DocumentStore, attempts: int = ATTEMPTS) -> None:
        self._store = store
        self._attempts = attempts

    def write(self, revision: Revision, tally: Tally) -> WrittenInvoice:
        """Write the parts the revision changes.

        Raises:
            DynamoDBError: A write failed for good, or others were always faster.
        """
        return self._write_unread(revision, tally) or self._merge(revision, tally)

    def _write_unread(self, revision: Revision, tally: Tally) -> WrittenInvoice | None:
        """Trust that what is stored is the revision before; None when it is not."""
        new_lines = revision.lines[revision.previous_revision :]
        touched = {0} | part_numbers(new_lines)
        place, digests = _before(revision, touched)
        lines = in_order(revision.lines)
        header = header_of(revision.invoice_no, lines)
        former = former_places((), place, header)
        for part in _last_to_first(build_parts(header, lines, touched, former)):
            if not self._put(part, digests.get(part.number), tally):
                return None
        return WrittenInvoice(header, former, is_new=revision.previous_revision == 0)

    def _merge(self, revision: Revision, tally: Tally) -> WrittenInvoice:
        tally.merges += 1
        for _ in range(self._attempts):
            tally.reads += 1
            items = self._store.read_parts(revision.invoice_no)
            written = self._write_merged(revision, items, tally)
            if written is not None:
                return written
        raise ContendedError(
            f"invoice {revision.invoice_no} was changed by others {self._attempts} times"
            " while it was written"
        )

    def _write_merged(
        self, revision: Revision, items: Sequence[Item], tally: Tally
    ) -> WrittenInvoice | None:
        """Add the revision's lines to those that are stored; None when another was faster."""
        stored = [read_part(item) for item in items]
        lines = in_order([*chain.from_iterable(part.lines for part in stored), *revision.lines])
        header = header_of(revision.invoice_no, lines)
        former = _former(stored, header)
        numbers = {0} | part_numbers(lines)
        held = {part.number: item for part, item in zip(stored, items, strict=True)}
        digests = {part.number: part.digest for part in stored}
        for part in _last_to_first(build_parts(header, lines, numbers, former)):
            if held.get(part.number) == part.item:
                continue
            if not self._put(part, digests.get(part.number), tally):
                return None
        return WrittenInvoice(header, former, is_new=False)

    def _put(self, part: InvoicePart, expected_digest: str | None, tally: Tally) -> bool:
        return tally.count(self._store.put_part(part, expected_digest))


def _before(revision: Revision, touched: set[int]) -> tuple[Place | None, dict[int, str]]:
    """Place and digests of the revision before, of those touched parts that it had."""
    if not revision.previous_revision:
        return None, {}
    lines = in_order(revision.lines[: revision.previous_revision])
    header = header_of(revision.invoice_no, lines)
    parts = build_parts(header, lines, ({0} | part_numbers(lines)) & touched)
    return header.place, {number: part.digest for number, part in parts.items()}


def _former(stored: Sequence[StoredPart], header: Header) -> tuple[FormerPlace, ...]:
    held = next((part.header for part in stored if part.header is not None), None)
    return () if held is None else former_places(held.former, held.place, header)


def _last_to_first(parts: Mapping[int, InvoicePart]) -> Iterator[InvoicePart]:
    for number in sorted(parts, reverse=True):
        yield parts[number]
