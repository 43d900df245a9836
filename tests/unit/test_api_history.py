"""The history function, called with the events API Gateway makes, over tables in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.cursor import Cursors
from api.history import History
from api.history_handler import history_handler
from api.local_identity import ISSUER, LOCAL_CLIENT_ID
from api.signing_keys import FixedKeys
from api.tokens import TokenRules, TokenVerifier
from connectors.dynamodb.errors import (
    DynamoDBError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)
from connectors.dynamodb.history import HistoryStore, MemoryHistory, Months, PartPage
from connectors.dynamodb.memory import MemoryStore
from invoices.line import InvoiceLine
from invoices.stored_items import Item
from tests.api_cases import (
    IDENTITY,
    SECRET_WORDS,
    Called,
    FunctionCaller,
    Json,
    customer_headers,
    invoice_of,
    proxy_event,
    stored,
    support_headers,
)

RULES = TokenRules(ISSUER, frozenset({LOCAL_CLIENT_ID}))
CURSORS = Cursors("k" * 32)
DAY = datetime(2011, 8, 30, 8, 26)


@dataclass
class Service:
    """The function over a store."""

    store: HistoryStore
    origins: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=lambda: customer_headers("90001"))

    def __post_init__(self) -> None:
        history = History(self.store, CURSORS)
        verifier = TokenVerifier(FixedKeys(IDENTITY.key_set), RULES)
        self._caller = FunctionCaller(
            lambda seen: history_handler(history, verifier, self.origins, seen)
        )

    def get(
        self, path: str, headers: dict[str, str] | None = None, /, **query: str | list[str]
    ) -> Called:
        return self._caller.get(path, self.headers | (headers or {}), **query)

    def call(self, event: Json) -> Called:
        return self._caller.call(event)

    def pages(self, path: str = "/customers/90001/invoices", /, **query: str) -> list[list[Json]]:
        """Every page, cursor by cursor."""
        pages: list[list[Json]] = []
        called = self.get(path, **query)
        while True:
            assert called.status == 200
            pages.append(called.json["invoices"])  # type: ignore[arg-type]
            cursor = called.json["next_cursor"]
            if cursor is None:
                return pages
            called = self.get(path, **query, cursor=str(cursor))


def service(*invoices: Sequence[InvoiceLine]) -> Service:
    return Service(MemoryHistory(stored(*invoices)))


def numbers(invoices: Sequence[Json]) -> list[object]:
    return [invoice["invoice_no"] for invoice in invoices]


def one_a_day(days: int, customer_id: str = "90001") -> list[list[InvoiceLine]]:
    """An invoice a day, backwards from DAY; every seventh a cancellation."""
    return [
        invoice_of(
            customer_id, f"{'C' if day % 7 == 0 else ''}{70_000 - day}", DAY - timedelta(day)
        )
        for day in range(days)
    ]


SOME = (
    invoice_of("90001", "700001", DAY, lines=2),
    invoice_of("90001", "C700002", DAY - timedelta(40), quantity=-3, unit_price=Decimal("1.5")),
    invoice_of("90002", "700003", DAY),
    invoice_of(None, "700004", DAY),
)


def test_a_customer_sees_their_invoices_newest_first() -> None:
    called = service(*SOME).get("/customers/90001/invoices")
    assert called.status == 200
    assert called.json == {
        "customer_id": "90001",
        "invoices": [
            {
                "invoice_no": "700001",
                "invoice_date": "2011-08-30T08:26:00",
                "kind": "sale",
                "country": "United Kingdom",
                "lines": 2,
                "units": 12,
                "total": "30.60",
                "revision": 2,
            },
            {
                "invoice_no": "C700002",
                "invoice_date": "2011-07-21T08:26:00",
                "kind": "cancellation",
                "country": "United Kingdom",
                "lines": 1,
                "units": -3,
                "total": "-4.50",
                "revision": 1,
            },
        ],
        "next_cursor": None,
    }


def test_the_summary_adds_up_kind_by_kind() -> None:
    called = service(*SOME).get("/customers/90001/summary")
    assert called.json == {
        "customer_id": "90001",
        "invoices": 2,
        "units": 9,
        "total": "26.10",
        "first_invoice_date": "2011-07-21T08:26:00",
        "last_invoice_date": "2011-08-30T08:26:00",
        "sales": {"invoices": 1, "units": 12, "total": "30.60"},
        "cancellations": {"invoices": 1, "units": -3, "total": "-4.50"},
        "adjustments": {"invoices": 0, "units": 0, "total": "0.00"},
    }


def test_an_invoice_shows_its_lines_with_exact_amounts() -> None:
    lines = invoice_of("90001", "700001", DAY, unit_price=Decimal("0.0010"), quantity=3)
    called = service(lines).get("/invoices/700001")
    assert called.json == {
        "invoice_no": "700001",
        "kind": "sale",
        "invoice_date": "2011-08-30T08:26:00",
        "customer_id": "90001",
        "country": "United Kingdom",
        "revision": 1,
        "units": 3,
        "total": "0.003",
        "lines": [
            {
                "line_no": 1,
                "stock_code": "10001",
                "description": "BLUE ENAMEL TEAPOT",
                "quantity": 3,
                "unit_price": "0.001",
                "amount": "0.003",
                "invoice_date": "2011-08-30T08:26:00",
            }
        ],
    }


def test_an_invoice_of_many_parts_is_one() -> None:
    called = service(invoice_of("90001", "700001", DAY, lines=705)).get("/invoices/700001")
    lines = called.json["lines"]
    assert [line["line_no"] for line in lines] == list(range(1, 706))  # type: ignore[attr-defined]


def test_an_invoice_without_its_header_is_not_there_yet() -> None:
    store = stored(invoice_of("90001", "700001", DAY, lines=60))
    del store.invoices["700001"][0]
    assert Service(MemoryHistory(store)).get("/invoices/700001").status == 404


@pytest.mark.parametrize("limit", [1, 3, 99, 100])
def test_pages_make_up_the_list_each_as_long_as_asked(limit: int) -> None:
    pages = service(*one_a_day(230)).pages(limit=str(limit))
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert 0 < len(pages[-1]) <= limit
    found = [number for page in pages for number in numbers(page)]
    assert found == [lines[0].invoice_no for lines in one_a_day(230)]


@pytest.mark.parametrize("items_per_answer", [1, 2, 5, 1000])
def test_pages_are_the_same_however_the_store_cuts_its_answers(items_per_answer: int) -> None:
    store = stored(*one_a_day(120))
    cut = Service(MemoryHistory(store, items_per_answer)).pages(limit="7")
    assert cut == Service(MemoryHistory(store)).pages(limit="7")


def test_a_page_of_a_hundred_costs_one_or_two_requests() -> None:
    for days_between in (1, 40):
        invoices = [
            invoice_of("90001", str(70_000 - n), DAY - timedelta(n * days_between))
            for n in range(250)
        ]
        history = MemoryHistory(stored(*invoices))
        asked = Service(history)
        called = asked.get("/customers/90001/invoices", limit="100")
        assert len(called.json["invoices"]) == 100  # type: ignore[arg-type]
        assert history.requests <= 2
        asked.get("/customers/90001/invoices", limit="100", cursor=str(called.json["next_cursor"]))
        assert history.requests <= 4


def test_invoices_of_one_minute_are_shown_once_each() -> None:
    invoices = [invoice_of("90001", str(70_000 + n), DAY) for n in range(30)]
    pages = service(*invoices).pages(limit="4")
    found = [number for page in pages for number in numbers(page)]
    assert found == sorted((lines[0].invoice_no for lines in invoices), reverse=True)


@given(
    st.lists(st.datetimes(datetime(2010, 12, 1), datetime(2011, 8, 31)), max_size=40),
    st.integers(1, 12),
    st.dates(datetime(2010, 12, 1).date(), datetime(2011, 8, 31).date()),
    st.integers(0, 200),
    st.sampled_from(["sale", "cancellation", None]),
)
@settings(max_examples=40)
def test_filters_and_pages_show_what_a_filtered_list_holds(
    dates: list[datetime], limit: int, first: datetime, days: int, kind: str | None
) -> None:
    invoices = [
        invoice_of("90001", f"{'C' if n % 3 == 0 else ''}{70_000 + n}", when)
        for n, when in enumerate(dates)
    ]
    last = first + timedelta(days)
    wanted = sorted(
        (
            (lines[0].invoice_date, lines[0].invoice_no)
            for lines in invoices
            if first <= lines[0].invoice_date.date() <= last
            and kind in {None, "cancellation" if lines[0].invoice_no[0] == "C" else "sale"}
        ),
        reverse=True,
    )
    query = {"limit": str(limit), "from": first.isoformat()[:10], "to": last.isoformat()[:10]}
    query |= {"kind": kind} if kind else {}
    asked = service(*invoices, invoice_of("90001", "1", datetime(2009, 1, 1)))
    found = [number for page in asked.pages(**query) for number in numbers(page)]
    assert found == [invoice_no for _, invoice_no in wanted]


def test_a_cursor_of_other_filters_or_another_customer_is_a_400() -> None:
    asked = service(*one_a_day(9), *one_a_day(9, "90002"))
    asked.headers = support_headers()
    cursor = str(asked.get("/customers/90001/invoices", limit="2").json["next_cursor"])
    for path, query in (
        ("/customers/90001/invoices", {"kind": "sale"}),
        ("/customers/90001/invoices", {"from": "2011-01-01"}),
        ("/customers/90002/invoices", {}),
    ):
        called = asked.get(path, **query, cursor=cursor)
        assert called.status == 400
        assert called.json["errors"][0]["parameter"] == "cursor"  # type: ignore[index]
    assert asked.get("/customers/90001/invoices", limit="9", cursor=cursor).status == 200


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "1e2"}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": ["1", "2"]}, "limit"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "x" * 600}, "cursor"),
        ({"cursor": "eyJhIjoxfQ"}, "cursor"),
        ({"from": "2011-02-30"}, "from"),
        ({"from": "20110201"}, "from"),
        ({"to": "yesterday"}, "to"),
        ({"from": "2011-02-02", "to": "2011-02-01"}, "from"),
        ({"kind": "Sale"}, "kind"),
        ({"offset": "1"}, "offset"),
    ],
)
def test_a_bad_parameter_is_a_400_that_names_it(
    query: dict[str, str | list[str]], named: str
) -> None:
    called = service(*SOME).get("/customers/90001/invoices", **query)
    assert called.status == 400
    assert called.headers["Content-Type"] == "application/problem+json"
    assert called.json["errors"][0]["parameter"] == named  # type: ignore[index]


@pytest.mark.parametrize("path", ["/customers/90001/summary", "/invoices/700001"])
def test_a_path_without_parameters_refuses_any(path: str) -> None:
    assert service(*SOME).get(path, limit="1").status == 400


@pytest.mark.parametrize("path", ["/customers/{}/invoices", "/customers/{}/summary"])
def test_another_customer_is_a_403_whether_or_not_they_exist(path: str) -> None:
    asked = service(*SOME)
    answers = [asked.get(path.format(other)) for other in ("90002", "99999")]
    assert [answer.status for answer in answers] == [403, 403]
    assert answers[0].body == answers[1].body


def test_another_s_invoice_answers_exactly_like_one_that_does_not_exist() -> None:
    asked = service(*SOME)
    answers = [asked.get(f"/invoices/{number}") for number in ("700003", "700004", "799999")]
    assert {answer.status for answer in answers} == {404}
    assert len({(answer.body, tuple(sorted(answer.headers.items()))) for answer in answers}) == 1


def test_the_support_reads_all_and_is_told_what_is_not_there() -> None:
    asked = service(*SOME)
    asked.headers = support_headers()
    found = ("/customers/90002/invoices", "/customers/90001/summary", "/invoices/700004")
    assert [asked.get(path).status for path in found] == [200, 200, 200]
    missing = ("/customers/99999/invoices", "/customers/99999/summary", "/invoices/799999")
    assert [asked.get(path).status for path in missing] == [404, 404, 404]


def test_filters_that_leave_nothing_are_an_empty_list_not_a_404() -> None:
    called = service(*SOME).get("/customers/90001/invoices", kind="adjustment")
    assert (called.status, called.json["invoices"]) == (200, [])


@pytest.mark.parametrize(
    "path", ["/customers/90001/invoices", "/customers/90001/summary", "/invoices/700001"]
)
def test_without_a_good_token_nothing_is_told(path: str) -> None:
    asked = service(*SOME)
    asked.headers = {}
    without = asked.get(path)
    assert (without.status, without.headers["WWW-Authenticate"]) == (401, "Bearer")
    bad = asked.get(path, {"Authorization": "Bearer x"})
    assert bad.status == 401
    assert "invalid_token" in bad.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "path", ["/customers/90001/invoices", "/customers/90001/summary", "/invoices/700001"]
)
def test_an_answer_the_caller_has_already_is_a_304(path: str) -> None:
    asked = service(*SOME)
    first = asked.get(path)
    etag = first.headers["ETag"]
    for header in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = asked.get(path, {"If-None-Match": header})
        assert (again.status, again.body, again.headers["ETag"]) == (304, "", etag)
    other = asked.get(path, {"If-None-Match": '"x"'})
    assert (other.status, other.body) == (200, first.body)


def test_the_etag_changes_with_the_invoice() -> None:
    before = service(invoice_of("90001", "700001", DAY)).get("/invoices/700001")
    after = service(invoice_of("90001", "700001", DAY, lines=2)).get("/invoices/700001")
    assert before.headers["ETag"] != after.headers["ETag"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_another_method_is_a_405_that_names_the_one(method: str) -> None:
    called = service().call(proxy_event(method, "/customers/90001/invoices"))
    assert (called.status, called.headers["Allow"]) == (405, "GET")


def test_cors_is_closed_unless_it_is_configured() -> None:
    origin = {"Origin": "https://shop.example"}
    closed = service(*SOME).get("/invoices/700001", origin)
    assert not [name for name in closed.headers if name.startswith("Access-Control")]
    asked = Service(MemoryHistory(stored(*SOME)), ("https://shop.example",))
    opened = asked.get("/invoices/700001", origin)
    assert opened.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    stranger = asked.get("/invoices/700001", {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
    preflight = asked.call(proxy_event("OPTIONS", "/invoices/700001", headers=origin))
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET,OPTIONS"


class FailingStore:
    """Tables that cannot be read."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def invoice_parts(self, invoice_no: str) -> Sequence[Item]:
        raise self._error

    def purchase_parts(
        self, customer_id: str, months: Months, behind: str | None, limit: int | None
    ) -> PartPage:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ThrottledError("throttled"), 503),
        (UnavailableError("no answer"), 503),
        (RefusedError("not allowed"), 500),
        (DynamoDBError("?"), 500),
        (ZeroDivisionError(SECRET_WORDS[0]), 500),
    ],
)
def test_what_fails_behind_is_told_without_its_words(error: Exception, status: int) -> None:
    called = Service(FailingStore(error)).get("/invoices/700001")
    assert called.status == status
    assert ("Retry-After" in called.headers) == (status == 503)
    assert str(error) not in called.body


def test_an_item_nobody_can_read_is_a_500_that_tells_nothing() -> None:
    store = stored(*SOME)
    store.customers["90001"]["2011-08"]["700001"] = "{"
    called = Service(MemoryHistory(store)).get("/customers/90001/invoices")
    assert called.status == 500
    assert "90001" not in called.body
    assert "90001" not in called.log
    assert "UnreadableDocumentError" in called.log


def test_neither_token_nor_customer_is_logged_whatever_becomes_of_it() -> None:
    stores: list[HistoryStore] = [
        MemoryHistory(stored(*SOME)),
        MemoryHistory(MemoryStore()),
        FailingStore(ZeroDivisionError(SECRET_WORDS[0])),
    ]
    for asked in map(Service, stores):
        for path in ("/customers/90001/invoices", "/customers/90002/invoices", "/invoices/700001"):
            for headers in ({}, {"Authorization": "Bearer eyJx"}):
                for called in (
                    asked.get(path, headers),
                    asked.get(path, headers, **{"90001": "x"}),
                ):
                    assert called.log
                    assert not [word for word in SECRET_WORDS if word in called.log]
        assert "request_id" in json.dumps(called.log)


@pytest.mark.parametrize("number", ["700001 X", "é", "a.b", "X[1]", "M", "A~B"])
def test_odd_numbers_are_found(number: str) -> None:
    called = service(invoice_of("90001", number, DAY)).get(f"/invoices/{number}")
    assert (called.status, called.json["invoice_no"]) == (200, number)
