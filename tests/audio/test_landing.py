from __future__ import annotations

from fractions import Fraction

import pytest

from audio.landing import Landing, counted_time_base, landing_of


@pytest.mark.parametrize(
    ("container", "codec", "time_base", "rate_hz", "wanted"),
    [
        ("flac", "flac", Fraction(1, 44_100), 44_100, Landing.EXACT),
        ("mp3", "mp3float", Fraction(1, 14_112_000), 44_100, Landing.EXACT),
        ("mov,mp4,m4a,3gp,3g2,mj2", "aac", Fraction(1, 44_100), 44_100, Landing.EXACT),
        ("mov,mp4,m4a,3gp,3g2,mj2", "aac", Fraction(1, 1_000), 44_100, Landing.COARSE),
        ("wav", "pcm_s16le", Fraction(1, 48_000), 48_000, Landing.EXACT),
        ("wav", "adpcm_ms", Fraction(1, 44_100), 44_100, Landing.NOWHERE),
        ("matroska,webm", "opus", Fraction(1, 1_000), 48_000, Landing.COARSE),
        ("matroska,webm", "pcm_s16le", Fraction(1, 1_000), 8_000, Landing.COARSE),
        ("asf", "wmav2", Fraction(1, 1_000), 44_100, Landing.COARSE),
        ("ac3", "ac3", Fraction(1, 90_000), 44_100, Landing.COUNTED),
        ("mpegts", "aac", Fraction(1, 90_000), 44_100, Landing.NOWHERE),
    ],
)
def test_what_timestamps_are_worth(
    container: str, codec: str, time_base: Fraction, rate_hz: int, wanted: Landing
) -> None:
    assert landing_of(container, codec, time_base, rate_hz) is wanted


def test_rounded_durations_that_were_added_up_count_packets() -> None:
    unit = counted_time_base(1_536, 3_134, 44_100)
    assert 100_000 * 3_134 * unit * 44_100 == 100_000 * 1_536
