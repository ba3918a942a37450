"""Passages from a plain MPD client: the stickers ``passage.…`` of a song."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.daemon import Daemon
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, sine

FILE, OTHER, TRACK = "a/b.flac", "c.flac", "a/b.cue/track0002"


@pytest.fixture(name="client")
def fixture_client(daemon: Daemon) -> Iterator[MpdClient]:
    (daemon.music / "a").mkdir()
    for uri in (FILE, OTHER):
        make(daemon.music / uri, sine(20 * 8_000, 8_000), Codec.FLAC16, 8_000, title=uri)
    (daemon.music / "a" / "b.cue").write_text(
        "FILE b.flac WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:05:00\n"
    )
    with closing(daemon.connect()) as client:
        yield client


def told(client: MpdClient, line: str) -> list[str]:
    """Return the answer's values, then how it ended."""
    pairs, end = client.send(line)
    return [*(value for _, value in pairs), end]


def test_a_point_that_is_set_is_got_listed_found_and_deleted(client: MpdClient) -> None:
    assert told(client, f"sticker set song {FILE} passage.lead_out 0:17.5") == ["OK"]
    assert told(client, f"sticker set song {FILE} rating 5") == ["OK"]
    assert told(client, f"sticker set song {FILE} passage.fade_out_curve cosine") == ["OK"]
    assert told(client, f"sticker get song {FILE} passage.lead_out") == [
        "passage.lead_out=17.5", "OK",
    ]  # fmt: skip
    assert told(client, f"sticker list song {FILE}") == [
        "passage.fade_out_curve=cosine", "passage.lead_out=17.5", "rating=5", "OK",
    ]  # fmt: skip
    for search, found in (("", True), ("gt 17", True), ("lt 17", False), ("= 17.5", True)):
        lines = [FILE, "passage.lead_out=17.5"] if found else []
        request = f'sticker find song "" passage.lead_out {search}'
        assert told(client, request) == [*lines, "OK"]
    assert told(client, "stickernames") == [
        "passage.fade_out_curve", "passage.lead_out", "rating", "OK",
    ]  # fmt: skip
    assert told(client, f"sticker delete song {FILE} passage.lead_out") == ["OK"]
    assert told(client, f"sticker delete song {FILE} passage.lead_out") == [
        'ACK [50@0] {sticker} no such sticker: "passage.lead_out"'
    ]
    assert told(client, f"sticker delete song {FILE}") == ["OK"]
    assert told(client, f"sticker list song {FILE}") == ["OK"]


def test_the_view_and_the_shell_see_the_same(client: MpdClient, daemon: Daemon) -> None:
    daemon.command("passage", "add", FILE, "loud", "start=2", "end=9")
    assert told(client, f"sticker list song {FILE}/loud") == [
        "passage.end=9", "passage.start=2", "OK",
    ]  # fmt: skip
    assert told(client, f"sticker set song {FILE}/loud passage.fade_in 3") == ["OK"]
    assert told(client, f"sticker set song {TRACK} passage.lead_in 6") == ["OK"]
    assert daemon.command("passage", "list").stdout.splitlines() == [
        f"{TRACK}  start=5  lead_in=6",
        f"{FILE}/loud  start=2  end=9  fade_in=3",
    ]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("passage.lead_out", "30", "lead_out (30 s) lies behind end (20.1 s)"),
        ("passage.end", "0", "end (0 s) is not after start (0 s)"),
        ("passage.lead_out", "soon", "lead_out: 'soon' is no time"),
        ("passage.leadout", "5", "There is no point 'leadout'; there are: start, end"),
        ("passage.fade_in_curve", "round", "there is no curve 'round'; there are: linear"),
    ],
)
def test_nonsense_is_refused_with_the_reason(
    client: MpdClient, name: str, value: str, why: str
) -> None:
    (answer,) = told(client, f'sticker set song {OTHER} {name} "{value}"')
    assert answer.startswith("ACK [2@0] {sticker} ")
    assert why in answer
    assert told(client, f"sticker list song {OTHER}") == ["OK"]


def test_a_point_is_no_number_to_be_counted(client: MpdClient) -> None:
    told(client, f"sticker set song {OTHER} passage.end 5")
    (answer,) = told(client, f"sticker inc song {OTHER} passage.end 1")
    assert answer.startswith("ACK [2@0] {sticker} ")


def test_idle_clients_hear_of_it(client: MpdClient, daemon: Daemon) -> None:
    with closing(daemon.connect()) as other:
        other.ask("idle sticker")
        told(client, f"sticker set song {OTHER} passage.end 5")
        assert other.send("noidle") == ([("changed", "sticker")], "OK")
