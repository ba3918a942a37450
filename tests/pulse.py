"""A PulseAudio server of our own with a null sink, and a recorder of what comes out of it.

It needs no session and no root: its own runtime directory, anonymous access to its own socket.
A null sink plays in blocks as long as its laziest listener allows, up to two seconds; so a
recorder with a short latency is always attached, and a stream that begins is on time.

The sink has one format. What is played in it arrives bit-exact, except the first instants of a
stream: let it begin with some silence.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

_TIMEOUT_S = 15.0
_FRAME_BYTES = 4


class Recorder:
    """Records the sink's monitor, 16 bit stereo, from its start to ``stop``."""

    def __init__(self, environment: dict[str, str], rate_hz: int) -> None:
        self._data = bytearray()
        self._grown = threading.Condition()
        self._over = False
        self._process = subprocess.Popen(
            [
                *("parec", "--raw", "--device=wkmp.monitor", "--format=s16le", "--channels=2"),
                *(f"--rate={rate_hz}", "--latency-msec=5"),
            ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def frames(self) -> npt.NDArray[np.int16]:
        """What was recorded so far: shape (frames, 2)."""
        with self._grown:
            whole = len(self._data) // _FRAME_BYTES * _FRAME_BYTES
            return np.frombuffer(bytes(self._data[:whole]), "<i2").reshape(-1, 2)

    def wait_for(self, count: int) -> None:
        """Wait until ``count`` frames have been recorded."""
        with self._grown:
            there = self._grown.wait_for(
                lambda: self._over or len(self._data) >= count * _FRAME_BYTES, _TIMEOUT_S
            )
            if not there or self._over:
                raise AssertionError(f"recorded {len(self._data)} bytes, then no more")

    def wait_longer(self, count: int) -> None:
        """Wait until ``count`` more frames have been recorded than now."""
        self.wait_for(len(self.frames) + count)

    def stop(self) -> None:
        """End the recording."""
        self._process.kill()
        self._process.wait()
        self._thread.join(_TIMEOUT_S)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            while piece := os.read(stream.fileno(), 65_536):
                with self._grown:
                    self._data += piece
                    self._grown.notify_all()
        with self._grown:
            self._over = True
            self._grown.notify_all()


class PulseServer:
    """One server; ``environment`` is what a player needs to find it.

    With it the ALSA PCMs ``default``, ``pulse`` and ``wkmp_pulse`` play to the server.
    """

    def __init__(self, directory: Path, rate_hz: int = 44_100) -> None:
        self._rate_hz = rate_hz
        self._directory = directory
        runtime = directory / "run"
        for path in (directory, runtime):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o700)
        self._socket = runtime / "native"
        self.alsa_config = directory / "asound.conf"
        pulse = f'{{ type pulse server "unix:{self._socket}" device "wkmp" }}\n'
        self.alsa_config.write_text(
            "</usr/share/alsa/alsa.conf>\n"
            + "".join(f"pcm.{name} {pulse}" for name in ("!default", "!pulse", "wkmp_pulse"))
        )
        unwanted = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY")
        self.environment = {k: v for k, v in os.environ.items() if k not in unwanted} | {
            "HOME": str(directory),
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_RUNTIME_PATH": str(runtime),
            "PULSE_STATE_PATH": str(directory / "state"),
            "PULSE_SERVER": f"unix:{self._socket}",
            "ALSA_CONFIG_PATH": str(self.alsa_config),
        }
        self._process: subprocess.Popen[str] | None = None
        self._thawer: subprocess.Popen[bytes]
        self.recorder: Recorder
        self.start()

    def start(self) -> None:
        """Start it, again after ``kill``; returns when it plays and is recorded."""
        self._socket.unlink(missing_ok=True)
        sink = f"module-null-sink sink_name=wkmp rate={self._rate_hz} format=s16le channels=2"
        access = f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"
        self._process = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--disallow-exit=no"),
                *("--exit-idle-time=-1", "--high-priority=no", "--realtime=no"),
                *("--log-target=stderr", "--log-level=info", "-L", sink, "-L", access),
            ],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._wait_until_up()
        self.recorder = Recorder(self.environment, self._rate_hz)
        # The block that was being played when the recorder came was still a long one.
        self.recorder.wait_for(self._rate_hz // 10)

    def record_anew(self) -> None:
        """Begin a new recording, after starting the server again if it was killed."""
        assert self._process is not None
        old = self.recorder
        if self._process.poll() is not None:
            self.start()
        else:  # while the old one listens, blocks are short
            self.recorder = Recorder(self.environment, self._rate_hz)
            self.recorder.wait_for(self._rate_hz // 100)
        old.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        self._signal(signal.SIGKILL)

    def freeze(self, at_most_s: int = 20) -> None:
        """Let it hang: it accepts connections and answers nothing.

        It thaws by itself after ``at_most_s``: who waits for it may be beyond being interrupted.
        """
        assert self._process is not None
        self._signal(signal.SIGSTOP)
        self._thawer = subprocess.Popen(
            ["sh", "-c", f"sleep {at_most_s}; kill -CONT {self._process.pid}"]
        )

    def thaw(self) -> None:
        """End ``freeze``."""
        self._signal(signal.SIGCONT)
        self._thawer.kill()
        self._thawer.wait()

    def stop(self) -> None:
        """End server and recorder."""
        if self._process is not None:
            self.kill()
            self._process = None
        self.recorder.stop()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            self._process.wait()
            self._log_reader.join(_TIMEOUT_S)

    def _wait_until_up(self) -> None:
        """Have its log read, and wait for the line in which its main loop begins."""
        assert self._process is not None
        assert self._process.stderr is not None
        up = threading.Event()
        log: list[str] = []
        self._log_reader = threading.Thread(
            target=_read_log, args=(self._process.stderr, log, up), daemon=True
        )
        self._log_reader.start()
        if not up.wait(_TIMEOUT_S):
            raise AssertionError("pulseaudio did not start:\n" + "".join(log))


def _read_log(stream: IO[str], log: list[str], up: threading.Event) -> None:
    with stream:
        for line in stream:
            log.append(line)
            if "Daemon startup complete" in line:
                up.set()


@contextlib.contextmanager
def pulse_server(directory: Path, rate_hz: int = 44_100) -> Iterator[PulseServer]:
    """Run a server for a ``with`` block."""
    server = PulseServer(directory, rate_hz)
    try:
        yield server
    finally:
        server.stop()
