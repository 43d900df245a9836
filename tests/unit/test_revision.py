"""Batches of revisions are read as the job's grouping writes them."""

import orjson
import pytest

from invoices.revision import BatchError, Revision, fold, read_batch
from tests.document_cases import FIRST, batch, document_line, make_lines

LINES = make_lines(4)
DOCUMENT_LINES = tuple(map(document_line, LINES))


def test_a_batch_holds_revisions_in_its_order() -> None:
    other = FIRST._replace(invoice_no="C700002")
    assert read_batch(batch((1, LINES[:2]), (0, [other]))) == [
        Revision("700001", 1, DOCUMENT_LINES[:2]),
        Revision("C700002", 0, (document_line(other),)),
    ]


def test_revisions_of_one_invoice_become_one() -> None:
    revisions = read_batch(batch((1, LINES[:2]), (2, LINES[:3]), (3, LINES)))
    assert fold(revisions) == [Revision("700001", 1, DOCUMENT_LINES)]


def test_no_line_is_lost_when_the_later_revision_does_not_know_the_earlier_ones() -> None:
    revisions = read_batch(batch((1, LINES[:2]), (0, LINES[2:])))
    assert fold(revisions) == [Revision("700001", 1, DOCUMENT_LINES)]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"revision": 2}, "has 4 lines, revision 2"),
        ({"previous_revision": 4}, "and 4 before"),
        ({"previous_revision": -1}, "and -1 before"),
        ({"lines": []}, "has 0 lines"),
        ({"lines": [[1, "10001"]]}, "Expected 8 arguments"),
    ],
)
def test_a_batch_that_contradicts_itself_is_refused(
    change: dict[str, object], complaint: str
) -> None:
    (raw,) = orjson.loads(batch((1, LINES)))
    with pytest.raises(BatchError, match=complaint):
        read_batch(orjson.dumps([{**raw, **change}]))


@pytest.mark.parametrize("payload", [b"", b"{", b"[1]", b'[{"invoice_no":"1"}]'])
def test_what_is_not_a_batch_is_refused(payload: bytes) -> None:
    with pytest.raises(BatchError, match="a batch of revisions cannot be read"):
        read_batch(payload)
