"""The generated pages follow the contract, and a stale one is noticed."""

from pathlib import Path

import pytest

from invoices import contract_page
from invoices.contract import LINE_FIELDS, RejectReason


def test_the_committed_pages_are_what_the_contract_says() -> None:
    assert contract_page.stale(contract_page.DOCS) == []


def test_the_page_names_every_field_and_reason() -> None:
    page = contract_page.contract_page()
    for field in LINE_FIELDS:
        assert f"| `{field.name}` | `{field.column}` |" in page
    for reason in RejectReason:
        assert f"| `{reason.value}` | {reason.meaning} |" in page


def test_a_changed_or_missing_page_is_stale(tmp_path: Path) -> None:
    contract_page.write(tmp_path)
    assert contract_page.stale(tmp_path) == []
    (tmp_path / "contract.md").write_text("old")
    (tmp_path / "line.schema.json").unlink()
    assert contract_page.stale(tmp_path) == [
        tmp_path / "contract.md",
        tmp_path / "line.schema.json",
    ]


def test_the_check_names_the_stale_page_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    monkeypatch.setattr(contract_page, "DOCS", docs)
    assert contract_page.main([]) == 0
    assert contract_page.main(["--check"]) == 0
    (docs / "contract.md").unlink()
    assert contract_page.main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/contract.md is stale: run `make docs`\n"
