from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest

from audio.packet_grid import PacketGrid


@dataclass
class Packet:
    pts: int | None
    samples: int
    duration: int = 0


def file_of(samples: list[int], rate_hz: int, lead: int = 0) -> tuple[list[Packet], list[int]]:
    """Return packets with timestamps rounded to milliseconds, and where each really begins."""
    packets, begins, at = [], [], 0
    for count in samples:
        packets.append(Packet(round((at + lead) * 1000 / rate_hz), count))
        begins.append(at)
        at += count
    return packets, begins


def vorbis_header(short: int, long: int) -> bytes:
    return b"\x02\x1e\x3f\x01vorbis" + bytes(21) + bytes([long << 4 | short]) + b"\x01"


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("first", [1024, 648, 1])
def test_packets_of_one_length_are_recognised_wherever_one_lands(rate_hz: int, first: int) -> None:
    packets, begins = file_of([first] + [1024] * 5_000, rate_hz, lead=300)
    grid = PacketGrid.learn(packets[:32], Fraction(rate_hz, 1000), "aac", None)
    assert grid is not None
    for number in (1, 17, 1_000, 3_333, 4_999):
        assert grid.begin(packets[number : number + 32]) == begins[number]


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000, 192_000])
def test_vorbis_packets_of_two_lengths_are_recognised(rate_hz: int) -> None:
    cycle = [128, 576, 1024, 1024, 576, 128, 128, 576, 1024, 576]
    packets, begins = file_of(cycle * 400, rate_hz, lead=128)
    grid = PacketGrid.learn(packets[:32], Fraction(rate_hz, 1000), "vorbis", vorbis_header(8, 11))
    assert grid is not None
    assert grid.step == 64
    for number in (1, 17, 1_003, 3_331, 3_967):
        assert grid.begin(packets[number : number + 32]) == begins[number]


def test_what_stands_on_no_grid_is_not_guessed() -> None:
    packets, _ = file_of([1000, 1100, 900, 1000, 1234], 44_100)
    assert PacketGrid.learn(packets, Fraction(441, 10), "pcm_s16le", None) is None
    assert PacketGrid.learn(packets[:1], Fraction(441, 10), "aac", None) is None
    assert PacketGrid.learn(packets, Fraction(441, 10), "vorbis", b"no header") is None
    varying = (16).to_bytes(2) + (4096).to_bytes(2)
    assert PacketGrid.learn(packets, Fraction(441, 10), "flac", varying) is None


def test_timestamps_that_fit_no_place_are_not_believed() -> None:
    packets, _ = file_of([1024] * 100, 44_100)
    grid = PacketGrid.learn(packets[:32], Fraction(441, 10), "aac", None)
    assert grid is not None
    between = [Packet(round((50 * 1024 + 512) / 44.1), 1024)]
    assert grid.begin(between) is None
    assert grid.begin([Packet(None, 1024)]) is None
    assert grid.begin([]) is None
