"""Covers beside songs, and pictures embedded in real files of each format."""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen
import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import pytest

from library.pictures import EmbeddedPictures, Picture, cover_beside, piece_of
from tests.formats import encode
from tests.sounds import Codec, make, noise

formats: Any = mutagen  # its modules are typed in part only
JPEG = b"\xff\xd8\xff\xe0 front " + bytes(range(256)) * 50
PNG = b"\x89PNG\r\n\x1a\n back " + bytes(range(256))


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (["cover.jpg", "cover.png", "folder.jpg"], "cover.png"),
        (["cover.webp", "Cover.jpg"], "Cover.jpg"),
        (["cover.jpg", "COVER.JPG"], "cover.jpg"),
        (["Folder.jpg", "front.png"], "Folder.jpg"),
        (["AlbumArt.jpg", "a.flac", "cover.txt", "mycover.jpg"], "AlbumArt.jpg"),
        (["cover.gif"], "cover.gif"),
        (["cover", "jpg", "x.jpg"], None),
        ([], None),
    ],
)
def test_the_best_of_the_usual_names_is_the_cover(
    tmp_path: Path, names: list[str], best: str | None
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert cover_beside(tmp_path) == (None if best is None else tmp_path / best)


def test_only_files_are_covers(tmp_path: Path) -> None:
    (tmp_path / "cover.png").mkdir()
    os.mkfifo(tmp_path / "cover.jpg")
    (tmp_path / "cover.webp").symlink_to("nowhere")
    assert cover_beside(tmp_path) is None
    (tmp_path / "folder.jpg").write_bytes(b"x")
    assert cover_beside(tmp_path) == tmp_path / "folder.jpg"
    assert cover_beside(tmp_path / "absent") is None


def test_a_piece_is_cut_out_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"0123456789")
    assert piece_of(path, 0, 4) == (10, b"0123")
    assert piece_of(path, 8, 4) == (10, b"89")
    assert piece_of(path, 10, 4) == (10, b"")
    assert piece_of(path, 99, 4) == (10, b"")


def flac_picture(data: bytes, mime: str) -> Any:
    picture = formats.flac.Picture()
    picture.data, picture.mime, picture.type = data, mime, 3
    return picture


def into_flac(path: Path) -> None:
    file = formats.flac.FLAC(path)
    file.add_picture(flac_picture(JPEG, "image/jpeg"))
    file.add_picture(flac_picture(PNG, "image/png"))
    file.save()


def into_id3(path: Path) -> None:
    tags = formats.id3.ID3(path)
    tags.add(formats.id3.APIC(mime="image/jpeg", type=3, desc="a", data=JPEG))
    tags.add(formats.id3.APIC(mime="image/png", type=4, desc="b", data=PNG))
    tags.save(path)


def into_mp4(path: Path) -> None:
    file = formats.mp4.MP4(path)
    file["covr"] = [formats.mp4.MP4Cover(JPEG), formats.mp4.MP4Cover(PNG)]
    file.save()


def into_comments(path: Path) -> None:
    file = formats.File(path)
    pictures = (flac_picture(JPEG, "image/jpeg"), flac_picture(PNG, "image/png"))
    file["metadata_block_picture"] = [
        base64.b64encode(picture.write()).decode("ascii") for picture in pictures
    ]
    file.save()


def into_ape(path: Path) -> None:
    file = formats.File(path)
    file.tags["Cover Art (Front)"] = formats.apev2.APEValue(
        b"front.jpg\0" + JPEG, formats.apev2.BINARY
    )
    file.save()


def into_asf(path: Path) -> None:
    file = formats.asf.ASF(path)
    texts = "image/jpeg\0front\0".encode("utf-16-le")
    value = struct.pack("<BI", 3, len(JPEG)) + texts + JPEG
    file["WM/Picture"] = [formats.asf.ASFByteArrayAttribute(value)]
    file.save()


INTO: dict[Codec, Callable[[Path], None]] = {
    Codec.FLAC16: into_flac,
    Codec.MP3_LAME: into_id3,
    Codec.AAC: into_mp4,
    Codec.VORBIS: into_comments,
    Codec.OPUS: into_comments,
}


@pytest.mark.parametrize("codec", INTO)
def test_the_first_embedded_picture_is_found(tmp_path: Path, codec: Codec) -> None:
    path = make(tmp_path / f"song{codec.suffix}", noise(8_820), codec, title="x")
    pictures = EmbeddedPictures()
    assert pictures.of(path) is None
    INTO[codec](path)
    assert pictures.of(path) == Picture(JPEG, "image/jpeg")  # though it was read before


@pytest.mark.parametrize(
    ("name", "codec", "into"), [("x.wv", "wavpack", into_ape), ("x.wma", "wmav2", into_asf)]
)
def test_formats_of_their_own_are_read_too(
    tmp_path: Path, name: str, codec: str, into: Callable[[Path], None]
) -> None:
    arguments = ("-metadata", "title=x", "-c:a", codec)
    path = encode(tmp_path / name, noise(8_820), arguments, 44_100, 16)
    assert EmbeddedPictures().of(path) is None
    into(path)
    assert EmbeddedPictures().of(path) == Picture(JPEG, "image/jpeg")


def test_a_link_is_no_picture(tmp_path: Path) -> None:
    path = make(tmp_path / "song.flac", noise(8_820), Codec.FLAC16)
    file = formats.flac.FLAC(path)
    file.add_picture(flac_picture(b"http://example.org/x.jpg", "-->"))
    file.add_picture(flac_picture(PNG, "image/png"))
    file.save()
    assert EmbeddedPictures().of(path) == Picture(PNG, "image/png")


@pytest.mark.parametrize("comment", ["", "x", "AAAA", base64.b64encode(bytes(40)).decode()])
def test_a_broken_picture_is_none(tmp_path: Path, comment: str) -> None:
    path = make(tmp_path / "song.ogg", noise(8_820), Codec.VORBIS)
    file = formats.File(path)
    file["metadata_block_picture"] = [comment]
    file.save()
    assert EmbeddedPictures().of(path) in (None, Picture(b"", ""))


def test_what_is_no_music_has_no_picture(tmp_path: Path) -> None:
    (tmp_path / "x.flac").write_bytes(b"nothing of the kind")
    (tmp_path / "x.txt").write_bytes(b"text")
    pictures = EmbeddedPictures()
    assert pictures.of(tmp_path / "x.flac") is None
    assert pictures.of(tmp_path / "x.txt") is None
    assert pictures.of(tmp_path / "absent.flac") is None
