"""A song's tags."""

from __future__ import annotations

from playback.song import Song

TAGS = (("Artist", "A"), ("Title", "T"), ("Artist", "B"))


def test_all_values_of_a_tag_come_in_the_files_order() -> None:
    assert Song("a.flac", tags=TAGS).values("Artist") == ("A", "B")


def test_a_tag_that_is_not_set_has_no_value() -> None:
    assert Song("a.flac", tags=TAGS).values("Album") == ()
    assert Song("a.flac").values("Artist") == ()


def test_tags_are_asked_for_by_their_canonical_name() -> None:
    assert Song("a.flac", tags=TAGS).values("artist") == ()


def test_songs_are_equal_if_all_that_is_known_of_them_is() -> None:
    assert Song("a.flac", 3.5, TAGS) == Song("a.flac", 3.5, TAGS)
    assert Song("a.flac", 3.5, TAGS) != Song("a.flac", 3.6, TAGS)
