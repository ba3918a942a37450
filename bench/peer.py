"""wkmp and MPD side by side: the same files, the same sink, one after the other.

    python -m bench.peer             the whole table, about an hour
    python -m bench.peer --short     a look at every row, a few minutes
    python -m bench.peer --only latency,cost,start,engine

Needs ``mpd``, ``pulseaudio``, ``parec`` and ``ffmpeg``. Figures are medians; they mean something
only while nothing else is at work.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench import peer_cost, peer_latency
from bench.machine import this_machine
from bench.peer_music import FORMATS, PeerMusic
from bench.peer_players import PLAYERS, Player
from bench.peer_report import PeerReport
from bench.peer_sink import NullSink
from bench.playing_cost import times_real_time
from bench.sounds import make_flac

RESULTS: Final = Path(__file__).parent / "results" / "peer.json"
PARTS: Final = ("latency", "cost", "start", "engine")
ENGINE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes:
        runs: of each control and each state.
        window_s: of each state; no longer than a crossfade.
        songs, queued: of the library and the queue.
        changes: of tracks, for the memory.
        starts: of each player.
    """

    runs: int
    window_s: float
    songs: int
    queued: int
    changes: int
    starts: int


WHOLE: Final = Extent(7, 25.0, 20_000, 10_000, 1_000, 7)
IN_SHORT: Final = Extent(1, 3.0, 1_000, 500, 50, 2)


def main(argv: Sequence[str]) -> int:
    """Measure, print, write; returns the exit status."""
    said = _parser().parse_args(argv)
    logging.basicConfig(level=logging.ERROR)  # xruns of a hurried clock are nobody's fault
    extent = IN_SHORT if said.short else WHOLE
    parts = said.only.split(",")
    if unknown := set(parts).difference(PARTS):
        print(f"--only knows {', '.join(PARTS)}, not {', '.join(unknown)}", file=sys.stderr)
        return 2
    report = PeerReport(this_machine())
    with tempfile.TemporaryDirectory(prefix="wkmp-peer-") as temporary:
        folder = said.folder or Path(temporary)
        _measure(report, folder, extent, parts)
    for line in report.lines():
        print(line)
    said.json.parent.mkdir(parents=True, exist_ok=True)
    result = report.as_json() | {"extent": asdict(extent)}
    said.json.write_text(json.dumps(result, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.peer", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--short", action="store_true", help="a look, not a measurement")
    parser.add_argument("--only", default=",".join(PARTS), metavar="PARTS", help="which rows")
    parser.add_argument("--folder", type=Path, help="keeps the music for the next run")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where to")
    return parser


def _measure(report: PeerReport, folder: Path, extent: Extent, parts: Sequence[str]) -> None:
    if "engine" in parts:
        song = make_flac(folder / "engine.flac", ENGINE_S)
        report.times_real_time = times_real_time([song] * 20, ENGINE_S)
    if not {"latency", "cost", "start"}.intersection(parts):
        return
    music = _all_music(folder / "music", extent.songs)
    with NullSink(folder / "pulse") as sink:
        report.floor_s = statistics.median(sink.floor_s() for _ in range(extent.runs))
        for make in PLAYERS:
            player = make(folder / "players", music.folder, sink.environment)
            with player:
                player.scan()
            if "latency" in parts:
                with player:
                    found = peer_latency.measure(player, sink, music, extent.runs)
                report.latencies[player.name] = found
            if "cost" in parts:
                _cost(report, player, music, extent)
            if "start" in parts:
                songs = music.small_songs(extent.queued)
                report.greetings[player.name] = peer_cost.greetings(player, songs, extent.starts)


def _all_music(folder: Path, songs: int) -> PeerMusic:
    folder.mkdir(parents=True, exist_ok=True)
    music = PeerMusic(folder)
    for suffix in ("flac", "mp3", "96.flac"):
        music.noise(suffix)
    for kind in FORMATS:
        music.pair(kind)
    music.library(songs)
    return music


def _cost(report: PeerReport, player: Player, music: PeerMusic, extent: Extent) -> None:
    with player:
        runs = [peer_cost.windows(player, music, extent.window_s) for _ in range(extent.runs)]
        report.windows[player.name] = {
            state: peer_cost.median([run[state] for run in runs]) for state in runs[0]
        }
        songs = music.small_songs(20)
        changes = peer_cost.track_changes(player, songs, extent.changes)
        report.track_changes[player.name] = changes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
