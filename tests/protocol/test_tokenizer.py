"""Request lines into words, as MPD cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.errors import AckCode, AckError
from protocol.tokenizer import MAX_ARGUMENTS, MalformedCommandError, decode_line, split_line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ping", ("ping", [])),
        ("setvol 5", ("setvol", ["5"])),
        ("setvol\t5", ("setvol", ["5"])),
        ("setvol  \t 5", ("setvol", ["5"])),
        ("a_1 b", ("a_1", ["b"])),
        ('find "" x', ("find", ["", "x"])),
        ('find "a b" c', ("find", ["a b", "c"])),
        (r'find "a\"b\\c"', ("find", ['a"b' + "\\c"])),
        (r'find "\n"', ("find", ["n"])),
        (r"find a\b", ("find", [r"a\b"])),
        ("add ünïcödé", ("add", ["ünïcödé"])),
        ("find x\x01y", ("find", ["x", "y"])),
        ('find "x\x01y"', ("find", ["x\x01y"])),
    ],
)
def test_a_line_is_cut_into_a_command_and_arguments(
    line: str, words: tuple[str, list[str]]
) -> None:
    assert split_line(line) == words


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("find it's", "Invalid unquoted character"),
        ("find 'x y'", "Invalid unquoted character"),
        ('find x"y', "Invalid unquoted character"),
        ('ping "x', "Missing closing '\"'"),
        ('ping "x\\', "Missing closing '\"'"),
        ('ping "x\\"', "Missing closing '\"'"),
        ('ping "', "Missing closing '\"'"),
        ('ping "x"y', "Space expected after closing '\"'"),
        ('ping "x""y"', "Space expected after closing '\"'"),
    ],
)
def test_a_broken_argument_is_refused_in_mpds_words(line: str, problem: str) -> None:
    with pytest.raises(AckError) as refusal:
        split_line(line)
    assert (refusal.value.code, str(refusal.value)) == (AckCode.UNKNOWN, problem)
    assert not isinstance(refusal.value, MalformedCommandError)


@pytest.mark.parametrize("line", ["pi-ng", 'ping"x"', "ping'", "pingé", "a.b c", "x\x7f"])
def test_a_broken_command_word_is_not_mpds_protocol(line: str) -> None:
    with pytest.raises(MalformedCommandError, match=r"^Invalid word character$"):
        split_line(line)


def test_arguments_are_counted_before_anybody_looks_at_the_command() -> None:
    assert len(split_line("x" + " y" * MAX_ARGUMENTS)[1]) == MAX_ARGUMENTS
    with pytest.raises(AckError, match=r"^Too many arguments$") as refusal:
        split_line("x" + " y" * (MAX_ARGUMENTS + 1))
    assert refusal.value.code is AckCode.ARG


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"ping\r", "ping"),
        (b"play \t ", "play"),
        (b"ping\x00pong", "ping"),
        (b"ping \x01\x02", "ping"),
        (b"find \xff", "find \udcff"),
        ("add ü".encode(), "add ü"),
        (b"", ""),
    ],
)
def test_the_end_of_a_line_is_cleaned_and_no_byte_is_refused(raw: bytes, line: str) -> None:
    assert decode_line(raw) == line


@given(st.lists(st.text(st.characters(exclude_characters="\x00")), max_size=MAX_ARGUMENTS))
def test_whatever_is_quoted_comes_out_again(arguments: list[str]) -> None:
    quoted = ('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in arguments)
    assert split_line(" ".join(("add", *quoted))) == ("add", arguments)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_stumble(raw: bytes) -> None:
    line = decode_line(raw)
    try:
        word, arguments = split_line(line)
    except AckError:
        return
    assert word.isascii()
    assert len(arguments) <= MAX_ARGUMENTS
