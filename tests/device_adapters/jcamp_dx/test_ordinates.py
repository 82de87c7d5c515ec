from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_adapters.errors import MalformedFile
from device_adapters.jcamp_dx import data_lines
from device_adapters.jcamp_dx.ordinates import decode_ordinates, is_compressed
from device_adapters.limits import MAX_VALUES
from tests.device_adapters.jcamp_encoding import encode_lines

FORMS = ["AFFN", "PAC", "SQZ", "SQZDUP", "DIF", "DIFDUP"]
ORDINATES = st.lists(
    st.one_of(st.integers(-(10**10), 10**10), st.integers(-3, 3), st.just(0)), min_size=2, max_size=120
)


@pytest.mark.parametrize("form", FORMS)
@given(values=ORDINATES, per_line=st.integers(2, 17))
def test_every_form_gives_back_what_was_encoded(form: str, values: list[int], per_line: int) -> None:
    lines = encode_lines(values, form, per_line)
    decoded = decode_ordinates("\n".join(lines), 1)
    assert decoded.values.tolist() == [float(value) for value in values]
    assert decoded.failed_checks == ()
    assert np.array_equal(decoded.line_x - 400, decoded.line_index)


@given(values=ORDINATES, cut=st.integers(1, 50))
def test_pieces_do_not_change_the_result(values: list[int], cut: int) -> None:
    text = "\n".join(encode_lines(values, "DIFDUP", 7))
    whole = decode_ordinates(text, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_lines, "PIECE_CHARACTERS", cut)
        parts = decode_ordinates(text, 1)
    assert np.array_equal(whole.values, parts.values)
    assert np.array_equal(whole.line_index, parts.line_index)
    assert np.array_equal(whole.line_number, parts.line_number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 1 2 3 3 2 1 0 -1 -2 -3", [1, 2, 3, 3, 2, 1, 0, -1, -2, -3]),
        ("0+1+2+3+3+2+1+0-1-2-3", [1, 2, 3, 3, 2, 1, 0, -1, -2, -3]),
        ("0@1BCCBA@abc", [1, 2, 3, 3, 2, 1, 0, -1, -2, -3]),
        ("0A2T%jkS\n", [12, 12, 12, 11, 9]),
        ("0 1.5 2.25,-3e2;.5", [1.5, 2.25, -300.0, 0.5]),
        ("0 1E3 2", [1000.0, 2.0]),
        ("0 1 E3 2", [1.0, 53.0, 2.0]),
        ("1.5A2+7b3 9", [12.0, 7.0, -23.0, 9.0]),
        ("0 1 ? 3", [1.0, np.nan, 3.0]),
        ("0A?C", [1.0, np.nan, 3.0]),
        ("0A?TC", [1.0, np.nan, np.nan, 3.0]),
        ("0A0J5T", [10.0, 25.0, 40.0]),
        ("0A0TJ", [10.0, 10.0, 11.0]),
        ("0A1.5B", [11.5, 2.0]),
    ],
)
def test_forms_and_mixtures(text: str, expected: list[float]) -> None:
    # "0@1BCC…" above: @1 is 01, which is 1.
    assert np.array_equal(decode_ordinates(text, 1).values, expected, equal_nan=True)


def test_the_letter_e_is_a_digit_only_among_compressed_data() -> None:
    assert not is_compressed("400 1.5E3 2e-07 3E+002")
    assert is_compressed("400E839J4")
    assert is_compressed("400E839E840E841")
    assert decode_ordinates("400E839E840E841", 1).values.tolist() == [5839.0, 5840.0, 5841.0]
    assert decode_ordinates("400e1E2", 1).values.tolist() == [-51.0, 52.0]


def test_the_check_value_after_a_difference_is_no_point() -> None:
    decoded = decode_ordinates("400A0JJ\n402A2KK\n404A6", 1)
    assert decoded.values.tolist() == [10, 11, 12, 14, 16]
    assert decoded.line_index.tolist() == [0, 2, 4]


def test_a_wrong_check_value_is_named_with_its_line() -> None:
    assert decode_ordinates("400A0JJ\n402A3KK\n404A7", 5).failed_checks == (6,)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("0A1\n1B!2", "line 2: '!'"),
        ("0A1\n1JK", "line 2: the first ordinate of a line"),
        ("0TA1", "line 1: the first ordinate of a line"),
        ("0ATT", "line 1: a repetition follows"),
        ("0A?J", "line 1: a difference follows"),
        ("0A+B", "line 1: a number"),
        ("0A1.2.3", "line 1: a number"),
        ("A1B2", "line 1: the line does not begin with its abscissa"),
        ("0A" + "1" * 40, "line 1: a number"),
        ("0 1 2x", "line 1: these are no numbers"),
        ("? 1 2", "line 1: the line has no abscissa"),
        ("0 1é2", "line 1"),
        ("0A1é2", "line 1"),
    ],
)
def test_broken_data_are_refused_with_their_line(text: str, where: str) -> None:
    with pytest.raises(MalformedFile, match="^" + where.replace("?", r"\?")):
        decode_ordinates(text, 1)


@pytest.mark.parametrize("count", ["S999999999999", f"S{MAX_VALUES}", "Z9999999999999999999999"])
def test_a_huge_repetition_is_refused_before_anything_is_allocated(count: str) -> None:
    with pytest.raises(MalformedFile, match="more than"):
        decode_ordinates(f"0A1{count}", 1)


def test_many_moderate_repetitions_are_bounded_together() -> None:
    with pytest.raises(MalformedFile, match="more than"):
        decode_ordinates("\n".join(["0A1Z99999"] * 100), 1)
