"""How long a control takes until it is heard at the sink."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from bench.peer_music import FIRST_HZ, FORMATS, HALF_S, SECOND_HZ, Format, PeerMusic
from bench.peer_players import PeerClient, Player
from bench.peer_sink import Ear, NullSink

Samples = dict[str, list[float]]
"""By row: seconds of each run."""
SETTLES_S: Final = 1.0
HEARD_S: Final = 1.5
"""Longer than any control takes, so that nothing is left of it when the next one comes."""
VOLUME_S: Final = 3.0
QUIETER: Final = 20
ALOUD: Final = "FLAC"
"""The format for what does not depend on one."""


def measure(player: Player, sink: NullSink, music: PeerMusic, runs: int) -> Samples:
    """Use each control several times; a first round, which warms up, is not counted."""
    found: Samples = {}
    for run in range(runs + 1):
        for kind in FORMATS:
            for name, took_s in _one_round(player.client, sink, music, kind):
                if run:
                    found.setdefault(name, []).append(took_s)
    player.client.rest()
    return found


def _one_round(
    client: PeerClient, sink: NullSink, music: PeerMusic, kind: Format
) -> Iterator[tuple[str, float]]:
    client.rest()
    client.add_all(list(music.pair(kind)))
    time.sleep(SETTLES_S)
    with Ear(sink) as ear:
        play_s = client.at("play 0")
        time.sleep(HEARD_S)
        seek_s = client.at(f"seekcur {HALF_S + HALF_S // 2}")
        time.sleep(HEARD_S)
        next_s = client.at("next")
        time.sleep(HEARD_S)
        stop_s = client.at("stop")
        time.sleep(HEARD_S)
    yield f"play, {kind.name}", ear.sound_after(play_s)
    yield f"seekcur, {kind.name}", ear.tone_after(FIRST_HZ[1], seek_s)
    yield f"next, {kind.name}", ear.tone_after(SECOND_HZ[0], next_s)
    yield f"seekcur: old place gone, {kind.name}", ear.tone_gone_after(FIRST_HZ[0], seek_s)
    yield f"next: old song gone, {kind.name}", ear.tone_gone_after(FIRST_HZ[1], next_s)
    if kind.name == ALOUD:
        yield "stop: silence", ear.silence_after(stop_s)
        yield from _what_any_format_does(client, sink)


def _what_any_format_does(client: PeerClient, sink: NullSink) -> Iterator[tuple[str, float]]:
    with Ear(sink) as ear:
        client.send("play 0")
        time.sleep(HEARD_S)
        pause_s = client.at("pause 1")
        time.sleep(HEARD_S)
        resume_s = client.at("pause 0")
        time.sleep(HEARD_S)
        volume_s = client.at(f"setvol {QUIETER}")
        time.sleep(VOLUME_S)
        client.send("setvol 100", "stop")
    yield "pause: silence", ear.silence_after(pause_s)
    yield "resume: sound", ear.sound_after(resume_s)
    yield "setvol: heard", ear.tone_gone_after(FIRST_HZ[0], volume_s, share=0.6)
