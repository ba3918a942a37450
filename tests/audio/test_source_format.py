from __future__ import annotations

import pytest

from audio.source_format import bits_of, mp4_length, opus_pre_skip


@pytest.mark.parametrize(
    ("codec", "sample_format", "extradata", "wanted"),
    [
        ("mp3float", "fltp", None, "24"),
        ("opus", "fltp", b"OpusHead", "16"),
        ("aac", "fltp", b"\x12\x10", "f"),
        ("pcm_s24le", "s32", None, "24"),
        ("pcm_u8", "u8", None, "8"),
        ("pcm_f32le", "flt", None, "f"),
        ("flac", "s16", bytes(12) + b"\x00\xf0", "16"),
        ("flac", "s32", bytes(12) + b"\x01\x70", "24"),
        ("alac", "s32p", bytes(17) + b"\x18", "24"),
        ("wavpack", "s32p", b"wvpk" + bytes(20) + b"\x02\0\0\0", "24"),
        ("wavpack", "s32p", b"wvpk" + bytes(20) + b"\x03\0\0\0", "32"),
        ("wavpack", "s16p", None, "16"),
        ("dsd_lsbf_planar", "fltp", None, "dsd"),
        ("unheard_of", "s32p", None, "32"),
    ],
)
def test_bits_as_mpd_shows_them(
    codec: str, sample_format: str, extradata: bytes | None, wanted: str
) -> None:
    assert bits_of(codec, sample_format, extradata) == wanted


@pytest.mark.parametrize(
    ("packets_end", "declared", "tag", "wanted"),
    [
        (882_777, 882_750, None, 882_777),  # the edit list counts milliseconds
        (882_777, 882_735, None, 882_777),  # or 1/600 s
        (883_712, 882_777, None, 882_777),  # an exact edit list cuts the padding
        (883_712, None, None, 883_712),
        (883_712, 883_712, None, 883_712),
        (883_712, 882_750, " 00000000 00000840 000001CA 00000000000D7859 00000000", 882_777),
        (883_712, 883_712, " 00000000 00000840", 883_712),
        (883_712, 883_712, "nonsense and no number at all", 883_712),
        (1_000, 1_000, " 0 0 0 FFFFFF", 1_000),  # more than there is
    ],
)
def test_the_length_of_an_mp4_file(
    packets_end: int, declared: int | None, tag: str | None, wanted: int
) -> None:
    assert mp4_length(packets_end, declared, 44_100, tag) == wanted


def test_the_pre_skip_stands_in_the_opus_header() -> None:
    assert opus_pre_skip(b"OpusHead\x01\x02\x38\x01" + bytes(7)) == 312
    assert opus_pre_skip(b"other") == 0
    assert opus_pre_skip(None) == 0
