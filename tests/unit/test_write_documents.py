"""Whatever happens on the way, DynamoDB ends with every invoice as its lines make it.

The job is played by ``Job``: it accepts lines, holds them in a state, and hands batches
to a ``DocumentWriter``, on a store that keeps DynamoDB's rules.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.dynamodb.discard import DiscardStore
from connectors.dynamodb.errors import RefusedError, ThrottledError, UnavailableError
from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.retrying import RetryPolicy
from connectors.dynamodb.store import DocumentStore
from flink_job.write_documents import BatchOutcome, DocumentWriter
from invoices.line import InvoiceLine
from tests.document_cases import FIRST, batch, contents, contents_of, make_lines
from tests.store_doubles import CountingStore, CrashError, CrashingStore, FaultyStore

AT_ONCE = RetryPolicy(attempts=5, first_wait_seconds=0.0)


def writer_on(store: DocumentStore, concurrency: int = 1) -> DocumentWriter:
    """A writer that has connected."""
    writer = DocumentWriter(lambda: store, concurrency, AT_ONCE)
    writer.open()
    return writer


def tables(store: MemoryStore) -> tuple[object, object]:
    """Every byte of both tables."""
    return deepcopy((store.invoices, store.customers))


@dataclass
class Job:
    """The stream, what of it was read, and the lines held by invoice, as Flink would."""

    stream: Sequence[InvoiceLine]
    position: int = 0
    held: dict[str, list[InvoiceLine]] = field(default_factory=dict)

    def next_batch(self, count: int) -> bytes:
        """Read so many lines on and group them; duplicates of held lines change nothing."""
        before = {number: len(lines) for number, lines in self.held.items()}
        for line in self.stream[self.position : self.position + count]:
            lines = self.held.setdefault(line.invoice_no, [])
            if line.line_no not in {held.line_no for held in lines}:
                lines.append(line)
        self.position = min(len(self.stream), self.position + count)
        return batch(
            *(
                (before.get(number, 0), lines)
                for number, lines in self.held.items()
                if len(lines) > before.get(number, 0)
            )
        )

    @property
    def finished(self) -> bool:
        return self.position == len(self.stream)


LINE = st.builds(
    FIRST._replace,
    invoice_no=st.sampled_from(["700001", "C700002", "M"]),
    line_no=st.sampled_from([1, 2, 3, 50, 51, 52, 101]),
    stock_code=st.sampled_from(["10001", "M"]),
    description=st.sampled_from(["BLUE ENAMEL TEAPOT", None]),
    quantity=st.sampled_from([6, -1]),
    invoice_date=st.sampled_from([FIRST.invoice_date, datetime(2011, 9, 1)]),
    unit_price=st.sampled_from([Decimal("2.5500"), Decimal("-0.0010")]),
    customer_id=st.sampled_from(["90001", "90002", None]),
)
"""Few values, so that invoices share customers and months, and move between them."""

LINES = st.lists(LINE, min_size=1, max_size=16, unique_by=lambda line: line.identity)
CUTS = st.lists(st.integers(1, 8), max_size=8)


def run(job: Job, writer: DocumentWriter, cuts: Sequence[int] = ()) -> list[BatchOutcome]:
    """The job to the end of its stream, in batches of these sizes and a last one."""
    outcomes = [writer.write_batch(job.next_batch(count)) for count in cuts]
    return [*outcomes, writer.write_batch(job.next_batch(len(job.stream)))]


@given(LINES, CUTS, st.data())
def test_any_order_duplication_and_cut_ends_the_same(
    lines: list[InvoiceLine], cuts: list[int], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(lines), max_size=8))
    stream = data.draw(st.permutations(lines + again))
    store = MemoryStore()
    run(Job(stream), writer_on(store), cuts)
    assert contents(store) == contents_of(lines)


@given(LINES, CUTS, CUTS)
def test_a_replay_without_state_leaves_every_byte_as_it_was(
    lines: list[InvoiceLine], cuts: list[int], other_cuts: list[int]
) -> None:
    store = MemoryStore()
    run(Job(lines), writer_on(store), cuts)
    written = tables(store)
    outcomes = run(Job(lines), writer_on(store), other_cuts)
    assert tables(store) == written
    assert sum(outcome.writes for outcome in outcomes) == 0


@dataclass
class Trouble:
    """One thing that goes wrong, and when: before so many lines were read on."""

    lines: int
    calls: int
    last_happens: bool
    keeps_state: bool
    checkpoint_first: bool
    zombie: bool


TROUBLES = st.lists(
    st.builds(
        Trouble,
        lines=st.integers(1, 8),
        calls=st.integers(0, 12),
        last_happens=st.booleans(),
        keeps_state=st.booleans(),
        checkpoint_first=st.booleans(),
        zombie=st.booleans(),
    ),
    max_size=5,
)


def write_until_crash(store: DocumentStore, payload: bytes, trouble: Trouble) -> None:
    """A writer that dies on the way."""
    crashing = CrashingStore(store, trouble.calls, last_happens=trouble.last_happens)
    try:
        writer_on(crashing).write_batch(payload)
    except CrashError:
        return


@settings(max_examples=300)
@given(LINES, TROUBLES, st.data())
def test_crashes_lost_state_and_zombies_end_the_same(
    lines: list[InvoiceLine], troubles: list[Trouble], data: st.DataObject
) -> None:
    """Each crash leaves a batch half written; a zombie writes one again, much later."""
    store, job, late = MemoryStore(), Job(data.draw(st.permutations(lines))), list[bytes]()
    checkpoint = deepcopy(job)
    for trouble in troubles:
        if trouble.checkpoint_first:
            writer_on(store).write_batch(job.next_batch(trouble.lines))
            checkpoint = deepcopy(job)
        payload = job.next_batch(trouble.lines)
        write_until_crash(store, payload, trouble)
        if trouble.zombie:
            late.append(payload)
        job = deepcopy(checkpoint) if trouble.keeps_state else Job(job.stream)
        for payload in late[:1]:
            writer_on(store).write_batch(payload)
    run(job, writer_on(store), data.draw(CUTS))
    assert contents(store) == contents_of(lines)
    for payload in late:
        writer_on(store).write_batch(payload)
    assert contents(store) == contents_of(lines)


@given(LINES, CUTS, st.data())
def test_a_stored_revision_never_goes_back(
    lines: list[InvoiceLine], cuts: list[int], data: st.DataObject
) -> None:
    store, job, payloads, highest = MemoryStore(), Job(lines), list[bytes](), dict[str, int]()
    for count in [*cuts, len(lines)]:
        payloads.append(job.next_batch(count))
        for payload in data.draw(st.lists(st.sampled_from(payloads), max_size=3)):
            writer_on(store).write_batch(payload)
            for number, invoice in contents(store).invoices.items():
                assert invoice.header is not None
                assert invoice.header.revision >= highest.get(number, 0)
                highest[number] = invoice.header.revision


FAULTS = st.lists(
    st.tuples(
        st.sampled_from([None, ThrottledError("slow down"), UnavailableError("no answer")]),
        st.booleans(),
    ),
    max_size=40,
)


@given(LINES, CUTS, FAULTS)
def test_throttling_and_lost_answers_are_tried_again(
    lines: list[InvoiceLine], cuts: list[int], faults: list[tuple[Exception | None, bool]]
) -> None:
    store, job = MemoryStore(), Job(lines)
    payloads = [job.next_batch(count) for count in [*cuts, len(lines)]]
    faulty = writer_on(FaultyStore(store, iter(faults)))
    for payload in payloads:
        for _ in range(10):
            try:
                faulty.write_batch(payload)
                break
            except (ThrottledError, UnavailableError):
                continue
    assert contents(store) == contents_of(lines)


def test_retries_are_counted() -> None:
    faults = iter([(ThrottledError("slow down"), False), (UnavailableError("no answer"), True)])
    outcome = writer_on(FaultyStore(MemoryStore(), faults)).write_batch(batch((0, [FIRST])))
    assert (outcome.retries, outcome.merges) == (2, 1)


def test_an_endless_fault_is_raised_in_the_end() -> None:
    faults = iter([(ThrottledError("slow down"), False)] * 5)
    with pytest.raises(ThrottledError, match="slow down"):
        writer_on(FaultyStore(MemoryStore(), faults)).write_batch(batch((0, [FIRST])))


def test_a_refusal_is_raised_at_once() -> None:
    faults = iter([(RefusedError("not allowed"), False)])
    store = CountingStore(FaultyStore(MemoryStore(), faults))
    with pytest.raises(RefusedError, match="not allowed"):
        writer_on(store).write_batch(batch((0, [FIRST])))
    assert store.calls == 1


def test_a_writer_that_could_not_open_can_be_closed() -> None:
    def unreachable() -> DocumentStore:
        raise UnavailableError("no answer")

    writer = DocumentWriter(unreachable)
    with pytest.raises(UnavailableError):
        writer.open()
    writer.close()


def test_a_failed_invoice_keeps_its_customer_from_being_written() -> None:
    faults = iter([(RefusedError("not allowed"), False)])
    store = MemoryStore()
    with pytest.raises(RefusedError):
        writer_on(FaultyStore(store, faults), concurrency=4).write_batch(batch((0, [FIRST])))
    assert store.customers == {}


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_batch_of_many_invoices_is_written_whole(concurrency: int) -> None:
    lines = [
        line._replace(customer_id=f"9000{number % 7}")
        for number in range(100)
        for line in make_lines(3, invoice_no=str(number))
    ]
    store = MemoryStore()
    run(Job(lines), writer_on(store, concurrency), [50, 100])
    assert contents(store) == contents_of(lines)


def test_an_invoice_and_its_customer_cost_two_writes() -> None:
    writer = writer_on(MemoryStore())
    assert writer.write_batch(batch((0, make_lines(20)))) == BatchOutcome(
        invoices=1, revisions=1, writes=2, write_units=4.0, refused=0, retries=0, merges=0
    )


def test_invoices_of_one_customer_in_a_batch_share_an_update() -> None:
    store = CountingStore(MemoryStore())
    revisions = [(0, make_lines(1, invoice_no=str(number))) for number in range(5)]
    assert writer_on(store).write_batch(batch(*revisions)).writes == 6
    assert store.calls == 6


def test_a_late_line_rewrites_its_part_and_the_header_alone() -> None:
    store, lines = CountingStore(MemoryStore()), make_lines(500)
    writer = writer_on(store)
    writer.write_batch(batch((0, lines[:499])))
    store.applied = store.calls = 0
    writer.write_batch(batch((499, lines)))
    assert (store.applied, store.calls) == (3, 3)


def test_a_guest_has_no_purchases() -> None:
    store = MemoryStore()
    outcome = writer_on(store).write_batch(batch((0, [FIRST._replace(customer_id=None)])))
    assert (outcome.writes, store.customers) == (1, {})


def test_a_line_after_the_states_end_joins_its_invoice() -> None:
    store, lines = MemoryStore(), make_lines(3)
    writer_on(store).write_batch(batch((0, lines[:2])))
    outcome = writer_on(store).write_batch(batch((0, lines[2:])))
    assert contents(store) == contents_of(lines)
    assert (outcome.merges, outcome.refused) == (1, 1)


def test_of_two_contents_of_a_line_the_stored_one_stands() -> None:
    store = MemoryStore()
    writer_on(store).write_batch(batch((0, [FIRST])))
    writer_on(store).write_batch(batch((0, [FIRST._replace(quantity=99)])))
    assert contents(store) == contents_of([FIRST])


def test_a_table_that_was_emptied_under_a_running_job_is_filled_again() -> None:
    store, lines = MemoryStore(), make_lines(3)
    writer = writer_on(store)
    writer.write_batch(batch((0, lines[:2])))
    store.invoices.clear()
    store.customers.clear()
    writer.write_batch(batch((2, lines)))
    assert contents(store) == contents_of(lines)


def move(**change: object) -> list[InvoiceLine]:
    """A line, and one below it with another header."""
    first = FIRST._replace(line_no=2)
    return [first, FIRST._replace(**change)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"customer_id": "90002"}, {"invoice_date": datetime(2011, 7, 31, 23, 59)}]
)
@pytest.mark.parametrize("keeps_state", [True, False])
def test_a_purchase_moves_with_its_invoices_header(
    change: dict[str, object], keeps_state: bool
) -> None:
    store, lines = MemoryStore(), move(**change)
    writer_on(store).write_batch(batch((0, lines[:1])))
    writer_on(store).write_batch(batch((1, lines) if keeps_state else (0, lines[1:])))
    assert contents(store) == contents_of(lines)


def test_discarded_documents_are_built_all_the_same() -> None:
    outcome = writer_on(DiscardStore()).write_batch(batch((0, make_lines(120))))
    assert (outcome.revisions, outcome.writes) == (1, 4)


def test_an_invoice_of_20_000_lines_takes_one_more_line_as_fast_as_the_others() -> None:
    store, lines = CountingStore(MemoryStore()), make_lines(20_000)
    writer = writer_on(store)
    writer.write_batch(batch((0, lines[:19_999])))
    store.calls = 0
    writer.write_batch(batch((19_999, lines)))
    assert store.calls == 3
    assert contents(store) == contents_of(lines)


def test_a_customer_of_20_000_invoices_pays_for_the_last_what_the_first_cost() -> None:
    store, units = MemoryStore(), list[float]()
    writer = writer_on(store)
    for number in range(20_000):
        invoice = [FIRST._replace(invoice_no=str(700_000 + number))]
        units.append(writer.write_batch(batch((0, invoice))).write_units)
    assert set(units) == {2.0}
    assert len(contents(store).purchases) == 20_000
