"""Taking lines: what a request holds goes to the stream, line by line good or refused.

Upstream: ``api.ingestion_event``. Downstream: ``connectors.kinesis``, and from there
the Flink job.
"""

from collections.abc import Iterable
from email.message import Message

from api.answers import AcceptedLine, Receipt, RejectedLine
from api.errors import (
    BodyTooLargeError,
    MethodNotAllowedError,
    NoGoodLineError,
    NotTakenError,
    UnsupportedMediaTypeError,
)
from api.ingestion_event import IngestionRequest
from api.line_checks import check_lines
from api.line_numbers import line_numbers
from api.packing import pack_lines
from connectors.record_sink import RecordSink, SinkError
from invoices.line import InvoiceLine

METHOD = "POST"

MAX_BODY_BYTES = 4 * 2**20
"""As base64 within the mapping template's event it stays below Lambda's 6 MB."""

_MEDIA_TYPE = "application/json"
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


class Ingestion:
    """Takes the lines of a request.

    Delivery: at least once. A line the receipt names as accepted is on the stream; after
    ``NotTakenError`` some may be, and the same request sent again makes no duplicates.
    """

    def __init__(self, sink: RecordSink) -> None:
        self._sink = sink

    def take(self, request: IngestionRequest) -> Receipt:
        """Send the good lines to the stream and return when it has them.

        Raises:
            RequestError: No line was good, or not all good ones were taken.
        """
        _check(request)
        key = request.idempotency_key
        judged = check_lines(request.body, None if key is None else line_numbers(key))
        rejected = tuple(entry for entry in judged if isinstance(entry, RejectedLine))
        if len(rejected) == len(judged):
            raise NoGoodLineError(rejected)
        self._send(entry for entry in judged if isinstance(entry, InvoiceLine))
        accepted = tuple(
            AcceptedLine(index, entry.invoice_no, entry.line_no)
            for index, entry in enumerate(judged)
            if isinstance(entry, InvoiceLine)
        )
        return Receipt(len(accepted), accepted, rejected)

    def _send(self, lines: Iterable[InvoiceLine]) -> None:
        try:
            self._sink.put(tuple(pack_lines(lines)))
        except SinkError as error:
            raise NotTakenError(
                "the stream did not take all lines: send the same request again, a line that"
                " was taken is not counted twice"
            ) from error


def _check(request: IngestionRequest) -> None:
    if request.method != METHOD:
        raise MethodNotAllowedError((METHOD,))
    if request.content_type is not None and not _is_json(request.content_type):
        raise UnsupportedMediaTypeError(f"the body is {_MEDIA_TYPE} in UTF-8")
    if len(request.body) > MAX_BODY_BYTES:
        raise BodyTooLargeError(
            f"the body has {len(request.body):,} bytes, at most {MAX_BODY_BYTES:,} are taken"
        )


def _is_json(content_type: str) -> bool:
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_content_charset("utf-8")
    return header.get_content_type() == _MEDIA_TYPE and charset in _CHARSETS
