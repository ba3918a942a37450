"""Files that are spoiled so that the tag library stumbles: they are no music, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mutagen
import pytest

from library.comments import comments_of
from library.pictures import EmbeddedPictures
from library.tag_file import open_tag_file
from library.tags import NotMusicError, read_song
from tests.formats import encode
from tests.sounds import Codec, make, noise

HEAD = 300


@pytest.fixture(params=["ogg", "wv"])
def spoiled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file over which the library stumbles; each byte of its head is tried."""
    whole = tmp_path / f"whole.{request.param}"
    if request.param == "ogg":
        make(whole, noise(8_820), Codec.VORBIS, title="x")
    else:
        encode(whole, noise(8_820), ("-metadata", "title=x", "-c:a", "wavpack"), 44_100, 16)
    sound, path = whole.read_bytes(), tmp_path / f"spoiled.{request.param}"
    for place in range(HEAD):
        for value in (0, 127):
            path.write_bytes(sound[:place] + bytes((value,)) + sound[place + 1 :])
            try:
                mutagen.File(path)
            except mutagen.MutagenError:
                continue
            except Exception:  # noqa: BLE001  (that is what is looked for)
                return (yield path)
    pytest.fail("the library has learnt to read it; look for another one")


def test_a_file_over_which_the_library_stumbles_is_damaged(spoiled: Path) -> None:
    with pytest.raises(mutagen.MutagenError, match="Error"):
        open_tag_file(spoiled)
    assert comments_of(spoiled) == ()
    assert EmbeddedPictures().of(spoiled) is None
    try:
        song = read_song(spoiled, "x")
    except NotMusicError:
        return
    assert song.tags == ()  # only its head could be read


def test_what_cannot_be_read_at_all_is_not_damaged(tmp_path: Path) -> None:
    with pytest.raises(mutagen.MutagenError) as absent:
        open_tag_file(tmp_path / "absent.flac")
    assert isinstance(absent.value.args[0], OSError)
