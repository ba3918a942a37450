"""What a mixer has done that may not have been heard yet, so that it can be told or taken back.

Three records over the same count of output frames: *marks* say what happens at a frame,
*pieces* say which slot was where, *checkpoints* hold everything that mixing on would change.
What lies behind the frame that is being heard is forgotten.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from audio.marks import Mark
from playback.plan import Slot
from playback.units import ChainId, Frames


class Checkpoint(Protocol):
    """The state before an output frame."""

    @property
    def frame(self) -> int:
        """The output frame it belongs to."""


C = TypeVar("C", bound=Checkpoint)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Output frames between two boundaries, and where their first slot was."""

    frame: int
    count: int
    slot: Slot
    position: int


class MixHistory(Generic[C]):
    """Marks, pieces and checkpoints, oldest first."""

    def __init__(self) -> None:
        self._marks: deque[tuple[int, Mark]] = deque()
        self._pieces: deque[_Piece] = deque()
        self._checkpoints: deque[C] = deque()

    @property
    def unheard(self) -> bool:
        """True while marks wait for their frame to be heard."""
        return bool(self._marks)

    def mark(self, frame: int, mark: Mark) -> None:
        """Something happens at an output frame."""
        self._marks.append((frame, mark))

    def piece(self, frame: int, count: int, slot: Slot, position: int) -> None:
        """From ``frame`` on, ``count`` frames of a slot sound, the first of them ``position``."""
        self._pieces.append(_Piece(frame, count, slot, position))

    def checkpoint(self, point: C) -> None:
        """This is how it was before the next frame."""
        self._checkpoints.append(point)

    def heard(self, frame: int) -> list[Mark]:
        """Hand out the marks up to ``frame``, and forget what lies behind it.

        The piece that ends at ``frame`` is kept: if the one that begins there is taken back, it
        alone tells the position.
        """
        due = []
        while self._marks and self._marks[0][0] <= frame:
            due.append(self._marks.popleft()[1])
        while len(self._checkpoints) > 1 and self._checkpoints[1].frame <= frame:
            self._checkpoints.popleft()
        while len(self._pieces) > 1 and self._pieces[1].frame < frame:
            self._pieces.popleft()
        return due

    def position(self, frame: int) -> tuple[Slot, Frames] | None:
        """Return which slot sounded first at output frame ``frame``, and how far it was."""
        for piece in reversed(self._pieces):
            if piece.frame <= frame:
                reached = piece.position + min(frame - piece.frame, piece.count)
                return piece.slot, Frames(reached)
        return None

    def back_to(self, frame: int) -> C:
        """Forget everything from the newest checkpoint at or before ``frame`` on; return it.

        Marks up to ``frame`` are kept: what they tell has happened.

        Raises:
            ValueError: the frame lies before the oldest checkpoint.
        """
        while self._checkpoints and self._checkpoints[-1].frame > frame:
            self._checkpoints.pop()
        if not self._checkpoints:
            raise ValueError(f"output frame {frame} is too long ago")
        point = self._checkpoints[-1]
        self._marks = deque(mark for mark in self._marks if mark[0] <= frame)
        while self._pieces and self._pieces[-1].frame >= point.frame:
            self._pieces.pop()
        return point

    def chains_after(self, frame: int) -> list[ChainId]:
        """Return whose frames lie beyond ``frame``, in their order."""
        beyond = (piece for piece in self._pieces if piece.frame + piece.count > frame)
        return list(dict.fromkeys(piece.slot.chain for piece in beyond))

    def copy(self) -> MixHistory[C]:
        """Return a copy, to go back to."""
        copied: MixHistory[C] = MixHistory()
        copied._marks = self._marks.copy()
        copied._pieces = self._pieces.copy()
        copied._checkpoints = self._checkpoints.copy()
        return copied
