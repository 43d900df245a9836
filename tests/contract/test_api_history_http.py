"""The history over HTTP: API Gateway, the packaged function, DynamoDB's tables."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest

from connectors.dynamodb.history import HistoryStore, MemoryHistory, Months, PynamoHistory
from connectors.dynamodb.memory import MemoryStore
from connectors.dynamodb.pynamo import PynamoStore
from connectors.dynamodb.store import DocumentStore
from connectors.dynamodb.target import DynamoDBTarget, target_of
from tests.api_cases import Json, fill, invoice_of
from tests.conftest import MakeSettings
from tests.running_api import RunningApi
from tests.token_attacks import bad_tokens

DAY = datetime(2011, 8, 30, 8, 26)
MANY = 230

INVOICES = [
    *(
        invoice_of(
            "90001",
            f"{'C' if n % 7 == 0 else ''}{720_000 + n}",
            DAY - timedelta(n),
            lines=1 + n % 3,
        )
        for n in range(MANY)
    ),
    invoice_of("90002", "730001", DAY, lines=120, unit_price=Decimal("0.0010")),
    invoice_of(None, "730002", DAY),
]


@pytest.fixture(scope="module")
def api(running_api: RunningApi) -> RunningApi:
    """The running API with purchases of two customers and a guest."""
    store = PynamoStore(target_of(running_api.settings))
    fill(store, [line for lines in INVOICES for line in lines])
    store.close()
    return running_api


def pages(api: RunningApi, **query: str) -> Iterator[list[Json]]:
    cursor: dict[str, str] = {}
    while True:
        answer = api.get("/customers/90001/invoices", "90001", **query, **cursor)
        assert answer.status == 200
        yield answer.json["invoices"]  # type: ignore[misc]
        if answer.json["next_cursor"] is None:
            return
        cursor = {"cursor": str(answer.json["next_cursor"])}


def test_a_customer_s_pages_are_their_invoices_newest_first(api: RunningApi) -> None:
    found = [invoice for page in pages(api, limit="100") for invoice in page]
    assert [invoice["invoice_no"] for invoice in found] == [
        lines[0].invoice_no for lines in INVOICES[:MANY]
    ]
    assert found[0]["total"] == "15.30"


def test_filters_choose_days_and_kinds(api: RunningApi) -> None:
    found = next(pages(api, from_="2011-08-01", to="2011-08-30", kind="cancellation"))
    assert [invoice["invoice_no"] for invoice in found] == [
        f"C{720_000 + n}" for n in range(0, 30, 7)
    ]


def test_the_summary_counts_every_invoice(api: RunningApi) -> None:
    answer = api.get("/customers/90001/summary", "90001").json
    assert answer["invoices"] == MANY
    total = sum(line.amount for lines in INVOICES[:MANY] for line in lines)
    assert Decimal(str(answer["total"])) == total


def test_an_invoice_of_several_parts_is_whole(api: RunningApi) -> None:
    answer = api.get("/invoices/730001", "90002").json
    assert len(answer["lines"]) == 120  # type: ignore[arg-type]
    assert answer["total"] == "0.72"


def test_an_answer_that_is_known_is_a_304(api: RunningApi) -> None:
    first = api.get("/invoices/730001", "90002")
    headers = {
        "Authorization": f"Bearer {api.access.tokens['90002']}",
        "If-None-Match": first.headers["ETag"],
    }
    again = api.call("GET", "/invoices/730001", headers)
    assert (again.status, again.body) == (304, "")


def test_another_customer_is_a_403_and_another_s_invoice_is_not_there(api: RunningApi) -> None:
    for path in ("/customers/90002/invoices", "/customers/99999/summary"):
        answer = api.get(path, "90001")
        assert answer.status == 403
        assert answer.is_problem
    answers = [api.get(f"/invoices/{number}", "90001") for number in ("730001", "730002", "7")]
    assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}


@pytest.mark.parametrize("path", ["/customers/..%2F90002/invoices", "/customers/90001%2F/summary"])
def test_a_path_cannot_be_bent(api: RunningApi, path: str) -> None:
    assert api.get(path, "90001").status in {403, 404}


def test_every_bad_token_is_a_401_that_tells_nothing(api: RunningApi) -> None:
    for name, token in bad_tokens(api.identity).items():
        for path in ("/customers/90001/invoices", "/invoices/720000"):
            answer = api.call("GET", path, {"Authorization": f"Bearer {token}"})
            assert answer.status == 401, name
            assert answer.is_problem
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert "72" not in answer.body


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "-1"},
        {"limit": "1000"},
        {"cursor": "AAAA"},
        {"from_": "x"},
        {"kind": "x"},
        {"x": "1"},
    ],
)
def test_a_bad_parameter_is_named(api: RunningApi, query: dict[str, str]) -> None:
    answer = api.get("/customers/90001/invoices", "90001", **query)
    assert answer.status == 400
    assert answer.is_problem
    assert answer.json["errors"][0]["parameter"] == next(iter(query)).rstrip("_")  # type: ignore[index]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_a_405(api: RunningApi, method: str) -> None:
    answer = api.call(method, "/customers/90001/invoices")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize("number", ["a b", "é", "a+b", "50%", "X[1]"])
def test_a_number_in_the_path_is_read_as_it_was_meant(api: RunningApi, number: str) -> None:
    store = PynamoStore(target_of(api.settings))
    fill(store, invoice_of("90001", number, DAY))
    answer = api.get(f"/invoices/{quote(number)}", "90001")
    assert (answer.status, answer.json.get("invoice_no")) == (200, number)


@pytest.fixture(params=["memory", "dynamodb"])
def stores(
    request: pytest.FixtureRequest, make_settings: MakeSettings
) -> tuple[DocumentStore, HistoryStore]:
    """A store to fill, and the history that reads it."""
    if request.param == "memory":
        memory = MemoryStore()
        return memory, MemoryHistory(memory)
    target: DynamoDBTarget = target_of(make_settings())
    return PynamoStore(target), PynamoHistory(target)


def parts_of(history: HistoryStore, months: Months, limit: int | None) -> list[list[str]]:
    """Range keys answer by answer."""
    answers: list[list[str]] = []
    behind: str | None = None
    while True:
        page = history.purchase_parts("90001", months, behind, limit)
        answers.append([str(item["Part"]) for item in page.items])
        behind = page.last_part
        if behind is None:
            return answers


def test_every_history_store_pages_through_the_months_asked_for(
    stores: tuple[DocumentStore, HistoryStore],
) -> None:
    store, history = stores
    months = [datetime(2011, month, 1) for month in (1, 3, 5, 7)]
    fill(
        store, [line for n, when in enumerate(months) for line in invoice_of("90001", str(n), when)]
    )
    everything = [part for answer in parts_of(history, Months(), None) for part in answer]
    assert everything == ["2011-07", "2011-05", "2011-03", "2011-01"]
    middle = Months("2011-02", "2011-05")
    assert [part for answer in parts_of(history, middle, 1) for part in answer] == [
        "2011-05",
        "2011-03",
    ]
    assert parts_of(history, Months(), 3)[0] == everything[:3]
    assert history.purchase_parts("90009", Months(), None, None).items == []
    assert history.invoice_parts("9") == []


def test_a_month_goes_on_in_further_items_and_is_read_whole(
    stores: tuple[DocumentStore, HistoryStore],
) -> None:
    store, history = stores
    fill(store, [line for n in range(40) for line in invoice_of("90001", str(700_000 + n), DAY)])
    found = [
        part for answer in parts_of(history, Months("2011-08", "2011-08"), 2) for part in answer
    ]
    assert len(found) > 2
    assert found == sorted(found, reverse=True)
    assert found[-1] == "2011-08"
