"""What the tags of real files say literally."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mutagen
import mutagen.asf
import mutagen.id3
import mutagen.mp4
import pytest

from library.comments import comments_of
from tests.formats import encode
from tests.sounds import Codec, make, noise

formats: Any = mutagen  # its modules are typed in part only


@pytest.mark.parametrize("codec", [Codec.FLAC16, Codec.VORBIS, Codec.OPUS])
def test_vorbis_comments_are_shown_as_they_are(tmp_path: Path, codec: Codec) -> None:
    path = make(tmp_path / f"x{codec.suffix}", noise(8_820), codec, title="x")
    file = formats.File(path)
    file.tags.clear()
    file.tags.extend(
        [("Artist", "A"), ("ARTIST", "B"), ("My-Key_x", "ü=1"), ("no key", "x"), ("K", "a\nb")]
    )
    file.tags.append(("METADATA_BLOCK_PICTURE", "AAAA"))
    file.save()
    shown = [pair for pair in comments_of(path) if pair[0].lower() != "encoder"]
    assert shown == [("Artist", "A"), ("ARTIST", "B"), ("My-Key_x", "ü=1")]


def test_of_id3_what_users_have_named_is_shown(tmp_path: Path) -> None:
    path = make(tmp_path / "x.mp3", noise(8_820), Codec.MP3_LAME, title="x")
    tags = formats.id3.ID3(path)
    tags.add(formats.id3.TXXX(encoding=3, desc="Mood", text=["calm", "warm"]))
    tags.add(formats.id3.TXXX(encoding=3, desc="MusicBrainz Album Id", text=["x"]))
    tags.save(path)
    assert comments_of(path) == (("Mood", "calm"), ("Mood", "warm"))


def test_of_mp4_what_users_have_named_is_shown(tmp_path: Path) -> None:
    path = make(tmp_path / "x.m4a", noise(8_820), Codec.AAC, title="x")
    file = formats.mp4.MP4(path)
    file["----:com.apple.iTunes:LABEL"] = [formats.mp4.MP4FreeForm("Löwe".encode())]
    file.save()
    assert comments_of(path) == (("LABEL", "Löwe"),)


@pytest.mark.parametrize(
    ("name", "codec", "key"), [("x.wv", "wavpack", "Title"), ("x.wma", "wmav2", "Title")]
)
def test_other_formats_show_their_own_keys(tmp_path: Path, name: str, codec: str, key: str) -> None:
    arguments = ("-metadata", "title=Ü", "-c:a", codec)
    path = encode(tmp_path / name, noise(8_820), arguments, 44_100, 16)
    assert (key.lower(), "Ü") in {(found.lower(), value) for found, value in comments_of(path)}


def test_what_cannot_be_read_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.flac").write_bytes(b"nothing of the kind")
    (tmp_path / "x.txt").write_bytes(b"text")
    for name in ("x.flac", "x.txt", "absent.flac"):
        assert comments_of(tmp_path / name) == ()
