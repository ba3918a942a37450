"""A sound card that can be listened to: a PulseAudio server of its own with a null sink.

Both players play to the ALSA PCM ``bench``. A recorder of the sink's monitor with blocks of 5 ms
puts every frame on the line of ``time.monotonic``, to within some 5 ms. CPU is measured without
a recorder, so that a player's own buffer decides how often it wakes.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bench.sounds import RATE_HZ

LEVEL: Final = 16_383.0
"""Of the tones that are listened for: half of full scale, 16 bit."""
QUIET: Final = 40
"""What is louder is sound."""
WINDOW: Final = RATE_HZ // 100
_UP_S: Final = 15.0
_UNWANTED: Final = (
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
)


class NullSink:
    """The server; ``environment`` is what a player needs to find it."""

    def __init__(self, folder: Path) -> None:
        home, runtime = folder / "home", folder / "run"
        for path in (folder, home, runtime):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o700)
        socket = runtime / "native"
        pulse = f'{{ type pulse server "unix:{socket}" device "bench" }}\n'
        (home / ".asoundrc").write_text(f"pcm.bench {pulse}pcm.!default {pulse}")
        self.environment = {k: v for k, v in os.environ.items() if k not in _UNWANTED} | {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_RUNTIME_PATH": str(runtime),
            "PULSE_STATE_PATH": str(folder / "state"),
            "PULSE_SERVER": f"unix:{socket}",
        }
        sink = f"module-null-sink sink_name=bench rate={RATE_HZ} format=s16le channels=2"
        access = f"module-native-protocol-unix auth-anonymous=1 socket={socket}"
        self._process = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--disallow-exit=no"),
                *("--exit-idle-time=-1", "--high-priority=no", "--realtime=no"),
                *("--log-target=null", "-L", sink, "-L", access),
            ],
            env=self.environment,
            stderr=subprocess.DEVNULL,
        )
        until_s = time.monotonic() + _UP_S
        while not self._is_up():
            if time.monotonic() > until_s:
                self.__exit__()
                raise TimeoutError("pulseaudio did not start")
            time.sleep(0.05)

    def _is_up(self) -> bool:
        sinks = subprocess.run(
            ["pactl", "list", "short", "sinks"],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return "bench" in sinks.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def floor_s(self) -> float:
        """Return the rig's own delay: a tone handed to a waiting player until it is heard."""
        wave = LEVEL * np.cos(2 * np.pi * 440 * np.arange(RATE_HZ // 2) / RATE_HZ)
        with Ear(self) as ear:
            player = subprocess.Popen(
                [
                    *("pacat", "--raw", "-d", "bench", "--format=s16le", "--channels=2"),
                    *(f"--rate={RATE_HZ}", "--latency-msec=5"),
                ],
                env=self.environment,
                stdin=subprocess.PIPE,
            )
            assert player.stdin is not None
            time.sleep(0.5)
            began_s = time.monotonic()
            player.stdin.write(np.repeat(wave.astype("<i2")[:, None], 2, axis=1).tobytes())
            player.stdin.flush()
            time.sleep(0.7)
            player.stdin.close()
            player.terminate()
            player.wait()
        return ear.sound_after(began_s)


class Ear:
    """Listens in a ``with`` block; afterwards it can say when what was heard.

    Every question is about what came after a reading of ``time.monotonic``; the answers are
    seconds from there on, NaN if it never came.
    """

    def __init__(self, sink: NullSink) -> None:
        self._sink = sink
        self._pieces: list[bytes] = []
        self._arrivals: list[tuple[float, int]] = []
        self._first = threading.Event()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [
                *("parec", "--raw", "-d", "bench.monitor", "--format=s16le", "--channels=2"),
                *(f"--rate={RATE_HZ}", "--latency-msec=5"),
            ],
            env=self._sink.environment,
            stdout=subprocess.PIPE,
        )
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        if not self._first.wait(_UP_S):
            raise TimeoutError("parec brought nothing")
        time.sleep(0.3)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.1)
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        data = b"".join(self._pieces)
        frames = np.frombuffer(data[: len(data) // 4 * 4], "<i2").reshape(-1, 2)
        self._signal: npt.NDArray[np.float64] = frames[:, 0].astype(np.float64)
        # A block is rendered when it begins to play: its first frame is heard as it arrives.
        # The soonest one says when frame 0 was; none can be sooner than that.
        begins = [0, *(count for _, count in self._arrivals[:-1])]
        offsets = [
            at_s - count / 4 / RATE_HZ
            for (at_s, _), count in zip(self._arrivals, begins, strict=True)
        ]
        self._base_s = min(offsets[min(len(offsets) // 2, 20) :])

    def _listen(self) -> None:
        assert self._process.stdout is not None
        total = 0
        with self._process.stdout as stream:
            while piece := os.read(stream.fileno(), 65_536):
                total += len(piece)
                self._arrivals.append((time.monotonic(), total))
                self._pieces.append(piece)
                self._first.set()

    # What was heard

    def sound_after(self, at_s: float) -> float:
        """Until anything is heard; what was on its way already counts as at once."""
        return self._first_of(np.abs(self._signal) > QUIET, at_s)

    def silence_after(self, at_s: float, hold_s: float = 0.1) -> float:
        """Until silence begins that holds."""
        begin = self._index(at_s)
        loud = np.flatnonzero(np.abs(self._signal[begin:]) > QUIET)
        edges = np.concatenate([[-1], loud, [len(self._signal) - begin]])
        gaps = np.flatnonzero(np.diff(edges) > hold_s * RATE_HZ)
        return float(edges[gaps[0]] + 1) / RATE_HZ if len(gaps) else float("nan")

    def tone_after(self, hz: float, at_s: float, share: float = 0.5) -> float:
        """Until a tone stands at more than ``share`` of its level."""
        return self._first_of(self._levels(hz) > share * LEVEL, at_s)

    def tone_gone_after(self, hz: float, at_s: float, share: float = 0.5) -> float:
        """Until a tone has fallen below ``share`` of its level."""
        return self._first_of(self._levels(hz) < share * LEVEL, at_s)

    def _first_of(self, holds: npt.NDArray[np.bool_], at_s: float) -> float:
        found = np.flatnonzero(holds[self._index(at_s) :])
        return float(found[0]) / RATE_HZ if len(found) else float("nan")

    def _index(self, at_s: float) -> int:
        return max(0, round((at_s - self._base_s) * RATE_HZ))

    def _levels(self, hz: float) -> npt.NDArray[np.float64]:
        """A tone's amplitude within 10 ms around each frame."""
        turned = self._signal * np.exp(-2j * np.pi * hz * np.arange(len(self._signal)) / RATE_HZ)
        sums = np.concatenate([[0], np.cumsum(turned)])
        levels = 2 * np.abs(sums[WINDOW:] - sums[:-WINDOW]) / WINDOW
        return np.concatenate([np.zeros(WINDOW // 2), levels])
