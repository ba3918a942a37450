"""How quick the engine reacts, and what its watchdog costs (NFR-001, NFR-002).

    python -m bench.latency [--short] [--check] [--json FILE]

``--short`` takes less than 20 s and measures what was promised; without it each case runs longer
and the cost of playing is measured besides. ``--check`` fails on gross regressions only: a case
that is more than five times above a target is measured again, and has to be so twice.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import cases, playing_cost, watchdog_cost
from bench.cases import Case
from bench.event_paths import Music
from bench.machine import this_machine
from bench.report import Report
from bench.sounds import make_flac, make_many

RESULTS = Path(__file__).parent / "results" / "latency.json"
LONG_S = 30.0
SHORT_S = 0.5


@dataclass(frozen=True, slots=True)
class Extent:
    """How long to measure.

    Attributes:
        case_s: each load case.
        rest_s: pause after each action of the listener.
        windows, window_s: of the watchdog's share of a core.
        state_s: each state of the daemon; 0 = leave that out.
    """

    case_s: float
    rest_s: float
    windows: int
    window_s: float
    state_s: float


WHOLE = Extent(case_s=40.0, rest_s=0.02, windows=7, window_s=5.0, state_s=30.0)
IN_SHORT = Extent(case_s=2.5, rest_s=0.01, windows=2, window_s=0.4, state_s=0.0)


def main(argv: Sequence[str]) -> int:
    """Measure, print, write; returns the exit status."""
    said = _parser().parse_args(argv)
    logging.basicConfig(level=logging.ERROR)  # xruns of a hurried clock are counted, not told
    extent = IN_SHORT if said.short else WHOLE
    report = Report(this_machine())
    with tempfile.TemporaryDirectory(prefix="wkmp-bench-") as folder:
        _measure(report, Path(folder), extent)
        faults = report.faults()
        if said.check and faults:
            _again(report, Path(folder), extent)
            faults = report.faults()
    for line in report.lines():
        print(line)
    report.write(said.json)
    if said.check:
        for fault in faults:
            print(f"REGRESSION: {fault}", file=sys.stderr)
        return int(bool(faults))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--short", action="store_true", help="in less than 20 s")
    parser.add_argument("--check", action="store_true", help="fail on gross regressions")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where to")
    return parser


def _measure(report: Report, folder: Path, extent: Extent) -> None:
    music = Music(make_flac(folder / "long.flac", LONG_S), make_many(folder, 8, SHORT_S))
    for case in Case:
        report.cases[case] = cases.measure(case, music, extent.case_s, extent.rest_s)
    report.costs = watchdog_cost.measure(music.long, extent.windows, extent.window_s)
    if extent.state_s:
        report.times_real_time = playing_cost.times_real_time([music.long] * 20, LONG_S)
        song = make_flac(folder / "songs" / "song.flac", 4 * extent.state_s)
        report.appetites = playing_cost.appetites(song, extent.state_s)


def _again(report: Report, folder: Path, extent: Extent) -> None:
    """Measure once more what failed; noise does not come twice, a regression does."""
    music = Music(folder / "long.flac", sorted(folder.glob(f"{SHORT_S:g}s-*.flac")))
    failed = {fault.partition(" ")[0].rstrip(":") for fault in report.faults()}
    for case in Case:
        if case in failed:
            report.cases[case] = cases.measure(case, music, extent.case_s, extent.rest_s)
    if failed - set(Case):
        report.costs = watchdog_cost.measure(music.long, extent.windows, extent.window_s)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
