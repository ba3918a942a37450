from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest

from audio.timeline import Timeline


@dataclass
class Stamp:
    pts: int | None
    samples: int
    duration: int = 0


def placed(timeline: Timeline, *stamps: Stamp, length: int | None = None) -> list[tuple[int, int]]:
    return [(one.lost, one.kept) for one in timeline.place(stamps, 0, length)]


EXACT = Timeline(44_100, Fraction(1, 44_100))


def test_timestamps_count_from_the_origin() -> None:
    mp3 = Timeline(44_100, Fraction(1, 14_112_000), origin=353_600)
    assert mp3.frame(353_600) == 0
    assert mp3.frame(368_640) == 47
    assert mp3.pts(47) == 368_640


def test_a_frame_is_found_again_by_its_timestamp_even_in_milliseconds() -> None:
    coarse = Timeline(44_100, Fraction(1, 1_000), origin=7)
    for frame in (0, 1, 44, 45, 44_100, 158_760_000):
        assert 0 <= frame - coarse.frame(coarse.pts(frame)) <= 45


def test_frames_in_a_row_lose_nothing() -> None:
    assert placed(EXACT, Stamp(0, 1_024), Stamp(1_024, 1_024), Stamp(2_048, 7)) == [
        (0, 1_024),
        (0, 1_024),
        (0, 7),
    ]


def test_a_lost_packet_leaves_a_hole_of_its_size() -> None:
    stamps = (Stamp(0, 1_024), Stamp(3_072, 1_024), Stamp(4_096, 1_024))
    assert placed(EXACT, *stamps) == [(0, 1_024), (2_048, 1_024), (0, 1_024)]


def test_a_packet_lost_at_the_beginning_leaves_a_hole_too() -> None:
    assert placed(EXACT, Stamp(4_608, 4_608), Stamp(9_216, 4_608))[0] == (4_608, 4_608)


def test_a_single_strange_timestamp_is_no_hole() -> None:
    stamps = (Stamp(0, 576), Stamp(1_024, 576), Stamp(1_152, 576))
    assert [lost for lost, _ in placed(EXACT, *stamps)] == [0, 0, 0]


def test_missing_timestamps_are_counted_over() -> None:
    stamps = (Stamp(0, 1_000), Stamp(None, 1_000), Stamp(None, 1_000), Stamp(4_000, 1_000))
    assert [lost for lost, _ in placed(EXACT, *stamps)] == [0, 0, 0, 1_000]


@pytest.mark.parametrize("pts", [61 * 44_100, 10**12, -(10**9)])
def test_a_nonsensical_timestamp_is_no_hole(pts: int) -> None:
    assert [lost for lost, _ in placed(EXACT, Stamp(0, 1_024), Stamp(pts, 1_024))] == [0, 0]


def test_rounded_milliseconds_are_no_holes() -> None:
    coarse = Timeline(44_100, Fraction(1, 1_000))
    stamps = [Stamp(round(at * 128 / 44.1), 128) for at in range(500)]
    assert {lost for lost, _ in placed(coarse, *stamps)} == {0}


def test_a_vorbis_packet_after_a_long_block_is_placed_by_its_end() -> None:
    vorbis = Timeline(44_100, Fraction(1, 44_100), ends_count=True)
    late = Stamp(80_000, 576, duration=128)
    assert vorbis.begin(late) == 79_552
    assert vorbis.begin(Stamp(4_096, 128, duration=(1 << 32) - 96)) == 4_096


def test_the_last_frame_reaches_up_to_the_length() -> None:
    stamps = (Stamp(0, 1_000), Stamp(1_000, 1_000))
    assert placed(EXACT, *stamps, length=1_300) == [(0, 1_000), (0, 300)]
    assert placed(EXACT, *stamps, length=2_300) == [(0, 1_000), (0, 1_000)]
    assert placed(EXACT, *stamps, length=700) == [(0, 1_000), (0, 1_000)]
