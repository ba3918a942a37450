"""The transport: what play, pause, stop, skip and seek mean, and what follows when a song ends.

Owns the player's state, the position in the current passage, and what has been learned of each
entry's file. Pure: no thread, no clock but readings it is given. ``cue`` holds what the mixer
has to be told beyond "the plan has changed".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from playback.errors import AckCode, AckError
from playback.known_passages import KnownPassages, StoredPassage, none_stored
from playback.levels import AS_IT_IS, Levelling
from playback.mix_ramp import mix_ramp_in
from playback.plan import EnginePlan, Slot
from playback.planner import Planner
from playback.play_queue import PlayQueue
from playback.player import PlayerInput, PlayerState, next_state
from playback.units import ZERO_TICKS, ChainId, EntryId, Ticks, seconds_to_ticks, ticks_to_seconds

PREPARED: Final = 2
"""Occurrences that are planned while the player is stopped: current and next."""


class Cue(enum.Enum):
    """What the mixer is to do at once."""

    START = enum.auto()
    PAUSE = enum.auto()
    STOP = enum.auto()


@dataclass(frozen=True, slots=True)
class Heard:
    """How far a chain had been heard at a ``time.monotonic()`` reading."""

    point: Ticks
    at_s: float
    advancing: bool


class Transport:
    """The player's controls over a play queue.

    Args:
        queue: edited by its owner; ``edited`` must be called afterwards.
        planner: binds what is upcoming to chains.
        stored: the passages that somebody has defined.
        levelling: what wkmp.ini says of it; its mode follows the options.
    """

    def __init__(
        self,
        queue: PlayQueue,
        planner: Planner,
        stored: StoredPassage = none_stored,
        levelling: Levelling = AS_IT_IS,
    ) -> None:
        self.queue = queue
        self.planner = planner
        self.passages = KnownPassages(queue, stored)
        self._levelling = levelling
        self.state = PlayerState.STOP
        self.failed: set[EntryId] = set()
        self.cue: Cue | None = None
        self.jumped = False
        """True after a start, seek or restart that the rest of the state does not show."""
        self._plan = EnginePlan(0, PlayerState.STOP)
        self._heard: dict[ChainId, Heard] = {}
        self._over: set[ChainId] = set()
        self._rest = ZERO_TICKS  # position while no chain of the current entry has been heard
        self._was_current = queue.current

    # What is

    @property
    def plan(self) -> EnginePlan:
        """The latest plan."""
        return self._plan

    @property
    def current_slot(self) -> Slot | None:
        """The plan's head if it belongs to the current entry."""
        head = self._plan.current
        return head if head is not None and head.entry == self.queue.current else None

    def position(self) -> Heard:
        """Return where the current passage is: a file-absolute point."""
        slot = self.current_slot
        heard = self._heard.get(slot.chain) if slot else None
        return heard or Heard(self._rest, 0.0, advancing=False)

    def position_now(self, now_s: float) -> Ticks:
        """Extrapolate the position to a ``time.monotonic()`` reading, never beyond the end."""
        heard = self.position()
        grown_s = now_s - heard.at_s if heard.advancing else 0.0
        point = Ticks(heard.point + seconds_to_ticks(grown_s))
        end = None if self.queue.current is None else self.passages.of(self.queue.current).end
        return point if end is None else max(heard.point, min(point, end))

    def elapsed_s(self) -> float:
        """Return the seconds between the current passage's start and its position."""
        if self.queue.current is None:
            return 0.0
        start = self.passages.of(self.queue.current).start
        return max(0.0, ticks_to_seconds(Ticks(self.position().point - start)))

    # Controls

    def play(self, position: int | None) -> None:
        """Play a position; None goes on, or plays the current or the first song."""
        if position is None and self.state is not PlayerState.STOP:
            if self.state is PlayerState.PAUSE:
                self._enter(PlayerInput.PLAY, Cue.START)
            return
        self.failed.clear()
        if self.queue.play(position, is_playing=self._is_playing) is not None:
            self._start()

    def play_id(self, entry: EntryId) -> None:
        """Play an entry from its start."""
        self.queue.play_id(entry, is_playing=self._is_playing)
        self.failed.clear()
        self._start()

    def pause(self, paused: bool | None) -> None:
        """Pause, go on, or toggle; nothing while stopped."""
        if self.state is PlayerState.STOP:
            return
        wanted = self.state is PlayerState.PLAY if paused is None else paused
        if wanted and self.state is PlayerState.PLAY:
            self._enter(PlayerInput.PAUSE, Cue.PAUSE)
        elif not wanted and self.state is PlayerState.PAUSE:
            self._enter(PlayerInput.PLAY, Cue.START)

    def stop(self) -> None:
        """Stop; the current song stays current and will begin at its start."""
        if self.state is not PlayerState.STOP:
            self._halt(PlayerInput.STOP)

    def next(self) -> None:
        """Go to the next song, whatever ``single`` says.

        Raises:
            AckError: not playing.
        """
        self._need_playing()
        self.planner.advance()
        self._go_to(self.queue.skip_next(frozenset(self.failed)))

    def previous(self) -> None:
        """Go to the previous song, or to the start of the first.

        Raises:
            AckError: not playing.
        """
        self._need_playing()
        self.planner.restart()
        self._go_to(self.queue.skip_previous(frozenset(self.failed)))

    def seek(self, entry: EntryId, seconds: float) -> None:
        """Go to ``seconds`` after the start of an entry's passage, and play if stopped."""
        passage = self.passages.of(entry)
        point = Ticks(passage.start + max(ZERO_TICKS, seconds_to_ticks(seconds)))
        if entry != self.queue.current:
            self.queue.play_id(entry, is_playing=self._is_playing)
        self.failed.discard(entry)
        if self.state is PlayerState.STOP:
            self._enter(PlayerInput.PLAY, Cue.START)
        elif self.state is PlayerState.PLAY:
            self.cue = Cue.START
        if passage.end is not None and point >= passage.end:
            self._pass_on()  # past the end is the end: the next song follows
            return
        self.planner.restart(point)
        self._rest = point
        self.jumped = True

    def seek_current(self, seconds: float, now_s: float, *, relative: bool) -> None:
        """Seek in the current song; relative to what is heard now if ``relative``.

        Raises:
            AckError: not playing.
        """
        self._need_playing()
        current = self.queue.current
        if current is None:
            raise AckError(AckCode.PLAYER_SYNC, "Not playing")
        heard = self.position()
        here_s = self.elapsed_s() + (now_s - heard.at_s if heard.advancing else 0.0)
        self.seek(current, max(0.0, here_s + seconds if relative else seconds))

    def resume_at(self, point: Ticks, state: PlayerState) -> None:
        """Begin in ``state`` at a file-absolute point of the current song, for a restart."""
        current = self.queue.current
        if current is None or current in self.failed or state is PlayerState.STOP:
            return
        self._rest = point
        self.planner.restart(point)
        self.state = state
        self.cue = Cue.START if state is PlayerState.PLAY else Cue.PAUSE

    def rebuild(self, now_s: float) -> None:
        """Bind everything to new chains, from what is heard now; for a replaced actor."""
        point = self.position_now(now_s)
        self.planner.forget()
        if self.state is not PlayerState.STOP and self.queue.current is not None:
            self._rest = point
            self.planner.restart(point)
        self._heard.clear()
        self.cue = {
            PlayerState.PLAY: Cue.START,
            PlayerState.PAUSE: Cue.PAUSE,
            PlayerState.STOP: Cue.STOP,
        }[self.state]

    # What the engine reports

    def edited(self) -> None:
        """Follow an edit of the queue: the current song may be another one, or none."""
        queue = self.queue
        self.failed = {entry for entry in self.failed if entry in queue}
        self.passages.edited()
        if self.queue.current == self._was_current:
            return
        self._rest = self._start_of_current()
        if self.state is PlayerState.STOP:
            return
        if self.queue.current is None or self.state is PlayerState.PAUSE:
            self._halt(PlayerInput.STOP)
        elif self.queue.current in self.failed:
            self._go_to(self.queue.pass_over(frozenset(self.failed)))
        else:
            self.jumped = True

    def range_changed(self, entry: EntryId) -> None:
        """An entry's range was edited: what was decoded for it is no longer right."""
        self.planner.unbind(entry)

    def passages_changed(self) -> None:
        """A stored passage is another one: whoever has not begun begins at its start."""
        if self.state is PlayerState.STOP:
            self._rest = self._start_of_current()

    def started(self, chain: ChainId) -> None:
        """A chain has begun to sound."""
        self.planner.has_begun(chain)

    def heard(self, chain: ChainId, offset: Ticks, at_s: float, *, advancing: bool) -> None:
        """A chain was heard up to ``offset`` ticks after its first frame."""
        slot = self._plan.slot(chain)
        if slot is not None:
            self._heard[chain] = Heard(Ticks(slot.offset + offset), at_s, advancing)

    def completed(self, chain: ChainId) -> bool:
        """A chain sounded to its end; returns whether that was the current song's."""
        head = self._plan.current
        if head is None or head.chain != chain:
            if self._plan.slot(chain) is not None:
                self._over.add(chain)  # it was shorter than its overlap; dealt with in its turn
            return False
        if self.state is PlayerState.STOP:
            self.planner.restart()  # it had ended when the stop came; the song will begin anew
            return False
        self._pass_on()
        return True

    def cannot_decode(self, entry: EntryId, chain: ChainId) -> bool:
        """Nothing will come from a chain; returns whether the entry has to be passed over."""
        if self._plan.slot(chain) is None or self.planner.did_begin(chain):
            return False
        self.failed.add(entry)
        if entry == self.queue.current and self.state is not PlayerState.STOP:
            paused = self.state is PlayerState.PAUSE
            self._go_to(self.queue.finish(frozenset(self.failed)), paused=paused)
        return True

    # The plan

    def make_plan(self, limit: int) -> EnginePlan:
        """Derive the plan: at most ``limit`` occurrences in play order.

        While the player is stopped only current and next are decoded. They alone are planned, so
        that what the others had decoded has the same end for all: a later plan gives them new
        chains, and nobody plays on from what somebody else has given up.
        """
        options = self.queue.options
        if not self._is_playing:
            limit = min(limit, PREPARED)
        plan = self.planner.plan(
            self.state,
            self.queue.upcoming(limit, frozenset(self.failed)),
            self.passages.of,
            crossfade_s=options.crossfade_s,
            volume=options.volume,
            levelling=self._levelling.following(options),
            mix_ramp=mix_ramp_in(options),
            ends_of=self.passages.ends,
        )
        self._plan = plan
        self._was_current = self.queue.current
        chains = {slot.chain for slot in plan.slots}
        self._over &= chains
        self._heard = {chain: heard for chain, heard in self._heard.items() if chain in chains}
        return plan

    # Inside

    @property
    def _is_playing(self) -> bool:
        return self.state is not PlayerState.STOP

    def _need_playing(self) -> None:
        if self.state is PlayerState.STOP:
            raise AckError(AckCode.PLAYER_SYNC, "Not playing")

    def _enter(self, given: PlayerInput, cue: Cue) -> None:
        self.state = next_state(self.state, given)
        self.cue = cue

    def _start(self) -> None:
        """Start the current song at its start."""
        self.planner.restart()
        self._rest = self._start_of_current()
        self.jumped = True
        self._enter(PlayerInput.PLAY, Cue.START)

    def _halt(self, given: PlayerInput) -> None:
        """Stop; what was sounding will begin anew."""
        self._enter(given, Cue.STOP)
        self.queue.stop()
        self.planner.restart()
        self._heard.clear()
        self._rest = self._start_of_current()

    def _go_to(self, entry: EntryId | None, *, paused: bool = False) -> None:
        """Play the entry that is current now, or wait at its start; stop if there is none."""
        if entry is None:
            self._halt(PlayerInput.QUEUE_EXHAUSTED)
            return
        self._rest = self._start_of_current()
        self.jumped = True
        if not paused:
            self._enter(PlayerInput.PLAY, Cue.START)

    def _pass_on(self) -> None:
        """The current song has ended by itself; one that had already ended is passed too."""
        pauses = self.queue.pauses_after_current
        while True:
            self.planner.advance()
            following = self.queue.finish(frozenset(self.failed))
            if following is None:
                self._halt(PlayerInput.QUEUE_EXHAUSTED)
                return
            slots = self.planner.slots
            if not slots or slots[0].chain not in self._over:
                break
        self._rest = self._start_of_current()
        self.jumped = True
        if self.state is PlayerState.PLAY:
            self.cue = Cue.START
            if pauses:  # ``single``: the next song is ready and waits
                self._enter(PlayerInput.PAUSE, Cue.PAUSE)

    def _start_of_current(self) -> Ticks:
        current = self.queue.current
        return ZERO_TICKS if current is None else self.passages.of(current).start
