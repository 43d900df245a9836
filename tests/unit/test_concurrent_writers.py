"""Writers at work at the same time: whatever call of whom comes first, no line is lost.

Each writer runs on a thread of its own and stops before every call to the store; the
test chooses who goes on. So the order is Hypothesis's, not the machine's.
"""

from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.store import DocumentStore
from flink_job.write_documents import DocumentWriter
from invoices.line import InvoiceLine
from tests.document_cases import batch, contents, contents_of
from tests.store_doubles import WrappedStore
from tests.unit.test_write_documents import LINES

_T = TypeVar("_T")
_Work = Callable[[DocumentStore], None]


class Actor(WrappedStore):
    """One writer on its thread, and the store as it sees it."""

    def __init__(self, store: DocumentStore, work: _Work) -> None:
        super().__init__(store)
        self.failure: Exception | None = None
        self._work = work
        self._may_go = Semaphore(0)
        self._stopped = SimpleQueue[bool]()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> bool:
        """Run up to the first call; returns whether there is one."""
        self._thread.start()
        return self._stopped.get(timeout=30)

    def proceed(self) -> bool:
        """Make the call and run up to the next; returns whether there is one."""
        self._may_go.release()
        return self._stopped.get(timeout=30)

    def around(self, call: Callable[[], _T]) -> _T:
        self._stopped.put(True)
        self._may_go.acquire()
        return call()

    def _run(self) -> None:
        try:
            self._work(self)
        except Exception as error:  # noqa: BLE001 - the test raises it
            self.failure = error
        self._stopped.put(False)


def interleave(store: DocumentStore, work: Sequence[_Work], order: Sequence[int]) -> None:
    """Do all the work at once, one call at a time, in this order for as long as it lasts."""
    actors = [Actor(store, one) for one in work]
    stopped = [actor for actor in actors if actor.start()]
    turns = iter(order)
    while stopped:
        actor = stopped[next(turns, 0) % len(stopped)]
        if not actor.proceed():
            stopped.remove(actor)
    for actor in actors:
        if actor.failure is not None:
            raise actor.failure


def writing(payloads: Sequence[bytes]) -> _Work:
    """A writer that writes these batches."""

    def work(store: DocumentStore) -> None:
        writer = DocumentWriter(lambda: store)
        writer.open()
        for payload in payloads:
            writer.write_batch(payload)

    return work


@st.composite
def batches_of(draw: st.DrawFn, lines: Sequence[InvoiceLine]) -> list[bytes]:
    """Batches with some of the lines; what they claim to have been before may be wrong."""
    chosen = draw(st.lists(st.sampled_from(lines), unique_by=lambda line: line.identity))
    cut = draw(st.integers(0, len(chosen)))
    return [draw(batch_of(some)) for some in (chosen[:cut], chosen[: cut * 2]) if some]


@st.composite
def batch_of(draw: st.DrawFn, lines: Sequence[InvoiceLine]) -> bytes:
    by_invoice: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        by_invoice.setdefault(line.invoice_no, []).append(line)
    return batch(*((draw(st.integers(0, len(held) - 1)), held) for held in by_invoice.values()))


@settings(max_examples=300)
@given(LINES, st.data())
def test_any_interleaving_of_writers_ends_the_same(
    lines: list[InvoiceLine], data: st.DataObject
) -> None:
    rivals = data.draw(st.lists(batches_of(lines), min_size=1, max_size=3))
    order = data.draw(st.lists(st.integers(0, 3), max_size=60))
    store = MemoryStore()
    everything = data.draw(batch_of(lines))
    interleave(store, [writing([everything]), *map(writing, rivals)], order)
    assert contents(store) == contents_of(lines)


@settings(max_examples=100)
@given(LINES, st.data())
def test_writers_that_share_the_lines_end_with_all_of_them(
    lines: list[InvoiceLine], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(lines)))
    shares = [share for share in (lines[:cut], lines[cut:]) if share]
    order = data.draw(st.lists(st.integers(0, 1), max_size=60))
    store = MemoryStore()
    interleave(store, [writing([data.draw(batch_of(share))]) for share in shares], order)
    assert contents(store) == contents_of(lines)
