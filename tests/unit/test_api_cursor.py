"""Cursors: read back as written, and only as written, where they were written."""

import base64
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursor import Cursors, Position
from api.errors import InvalidParameterError
from tests.document_cases import text

CURSORS = Cursors("k" * 32)
POSITIONS = st.builds(Position, st.datetimes(), text(64))


@given(POSITIONS, st.text())
def test_a_cursor_is_read_back_as_the_place_it_was_written_for(
    position: Position, scope: str
) -> None:
    assert CURSORS.read(CURSORS.write(position, scope), scope) == position


@given(POSITIONS, st.data())
def test_a_cursor_with_any_character_changed_is_refused(
    position: Position, data: st.DataObject
) -> None:
    written = CURSORS.write(position, "a")
    place = data.draw(st.integers(0, len(written) - 1))
    other = data.draw(
        st.characters(max_codepoint=0x2FF).filter(lambda char: char != written[place])
    )
    with pytest.raises(InvalidParameterError):
        CURSORS.read(written[:place] + other + written[place + 1 :], "a")


@given(POSITIONS, st.integers(0, 20), st.text(max_size=3))
def test_a_cursor_that_is_cut_or_longer_is_refused(position: Position, cut: int, more: str) -> None:
    written = CURSORS.write(position, "a")
    changed = written[: len(written) - cut] + more
    if changed != written:
        with pytest.raises(InvalidParameterError):
            CURSORS.read(changed, "a")


@given(st.text(max_size=200))
def test_whatever_else_is_sent_as_a_cursor_is_refused(sent: str) -> None:
    with pytest.raises(InvalidParameterError):
        CURSORS.read(sent, "a")


@given(st.binary(max_size=200))
def test_bytes_nobody_signed_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidParameterError):
        CURSORS.read(base64.urlsafe_b64encode(content).decode().rstrip("="), "a")


@given(POSITIONS, text(20), text(20))
def test_a_cursor_of_another_list_is_refused(position: Position, scope: str, other: str) -> None:
    if scope != other:
        with pytest.raises(InvalidParameterError):
            CURSORS.read(CURSORS.write(position, scope), other)


def test_a_cursor_signed_with_another_key_is_refused() -> None:
    written = Cursors("x" * 32).write(Position(datetime(2011, 8, 30), "700001"), "a")
    with pytest.raises(InvalidParameterError):
        CURSORS.read(written, "a")


def test_a_cursor_shows_nothing_that_a_url_must_escape() -> None:
    written = CURSORS.write(Position(datetime(2011, 8, 30), "é/?&#"), "a")
    assert written.replace("-", "").replace("_", "").isalnum()
