"""The degraded way to decode: an ffmpeg process that writes float32 into a pipe.

Taken where PyAV cannot be imported. The pipe is its bound: ffmpeg waits once it is full. The
stream is in Sun's AU format, whose header tells rate and channels. Seeking starts another
process that drops what lies before; exact, but it decodes everything in between.
"""

from __future__ import annotations

import struct
import subprocess
from typing import IO, Final

import numpy as np

from audio.back_end import BackEnd
from audio.channels import downmix
from audio.piece import SILENT, Piece
from audio.ring import Block
from audio.samples import coding
from audio.source_file import content_kind, failure, is_url
from playback.errors import FailureKind
from playback.profile import NO_PROFILE
from playback.units import Frames

_HEADER: Final = struct.Struct(">4s5I")
_MAGIC: Final = b".snd"
_FLOAT: Final = coding("flt")
_PIECE_FRAMES: Final = 4096


class PipedFile(BackEnd):
    """A file decoded by an ffmpeg process; see ``SoundFile`` for the attributes.

    Raises:
        DecodeError: no ffmpeg is installed, or it finds no sound in the file.
    """

    bits = "f"
    exact_bits = 32
    bitrate_kbps = 0
    length = None
    damaged_packets = 0
    profile = NO_PROFILE

    def __init__(self, path: str) -> None:
        self._path = path
        self._start(Frames(0))
        self._fetch()
        if not self._piece.left:
            self.close()
            raise failure(content_kind(path), path, "ffmpeg finds no sound in it")

    def _start(self, frame: Frames) -> None:
        """Start a process whose first frame is ``frame``."""
        source = self._path if is_url(self._path) else f"file:{self._path}"
        command = ["ffmpeg", "-nostdin", "-v", "quiet", "-i", source, "-map", "0:a:0"]
        command += ["-af", f"atrim=start_sample={frame}"] if frame else []
        command += ["-c:a", "pcm_f32be", "-f", "au", "-"]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError as exc:
            raise failure(
                FailureKind.RESOURCES, self._path, f"PyAV is missing and so is ffmpeg ({exc})"
            ) from exc
        self._piece = SILENT
        self.position = frame
        self._read_header()

    def _read_header(self) -> None:
        """Learn rate and channels; an empty stream has none and stays as it was."""
        header = self._read_bytes(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_MAGIC):
            return
        _, data_at, _, _, self.rate_hz, self.channels = _HEADER.unpack(header)
        self._read_bytes(data_at - _HEADER.size)

    def read(self, out: Block) -> Frames:
        """Fill ``out`` (frames, 2) as far as the file goes; return how far, 0 at its end."""
        filled = 0
        while filled < len(out):
            if not self._piece.left:
                self._fetch()
                if not self._piece.left:
                    break
            filled += self._piece.take(out[filled:])
        self.position = Frames(self.position + filled)
        return Frames(filled)

    def seek(self, frame: Frames) -> None:
        """Go to a frame exactly; beyond the end, ``read`` finds nothing."""
        if frame != self.position:
            self.close()
            self._start(frame)

    def close(self) -> None:
        """End the process. Safe to call twice."""
        self._piece = SILENT
        self._process.kill()
        self._pipe.close()
        self._process.wait()

    @property
    def _pipe(self) -> IO[bytes]:
        """The reading end."""
        assert self._process.stdout is not None  # noqa: S101  # it was asked for
        return self._process.stdout

    def _fetch(self) -> None:
        """Take the next frames out of the pipe; an empty piece at its end."""
        channels = getattr(self, "channels", 1)
        data = self._read_bytes(_PIECE_FRAMES * channels * 4)
        frames = len(data) // (channels * 4)
        samples = np.frombuffer(data, ">f4", frames * channels).astype(np.float32)
        columns = tuple(samples.reshape(frames, channels).T)
        self._piece = Piece(frames, columns, downmix(("",) * channels), _FLOAT)

    def _read_bytes(self, count: int) -> bytes:
        """Read exactly ``count`` bytes, fewer at the end."""
        parts = bytearray()
        while len(parts) < count and (part := self._pipe.read(count - len(parts))):
            parts += part
        return bytes(parts)
