"""Where one passage hands over to the next: overlap and effective fades of a pair.

For A and the B that follows it, with effective lead points::

    X = min(E_A - LO_A, LI_B - S_B)

B's first frame is mixed when A's playhead reaches ``E_A - X``; A always runs to ``E_A``.

Where nobody has set a lead on either side, MixRamp says how long the overlap is, if it can
(``playback.mix_ramp``), else MPD's ``crossfade``. An overlap by MixRamp has no envelope: both songs
are quiet there by themselves.

Why no third passage can ever sound: within one passage the overlap with the predecessor is at
most ``LI - S`` and the overlap with the successor at most ``E - LO``. Two explicit leads are in
order. Two undefined ones take at most half the passage each. An undefined one beside an explicit
one ends where the explicit one stands. So in every case both together fit into the passage, and
the predecessor is silent before the successor begins, however short the passage is.
"""

from __future__ import annotations

from dataclasses import dataclass

from playback.passage import Passage
from playback.units import ZERO_TICKS, Ticks, seconds_to_ticks


@dataclass(frozen=True, slots=True)
class Transition:
    """What happens between two passages.

    Attributes:
        overlap: how long both sound; 0 = gapless.
        fade_out_start: file-absolute point of A from which its gain falls; None = no fade.
        fade_in_end: file-absolute point of B up to which its gain rises; None = no fade.
    """

    overlap: Ticks
    fade_out_start: Ticks | None
    fade_in_end: Ticks | None


def plan_transition(
    a: Passage, b: Passage, crossfade_s: float, ramped: Ticks | None = None
) -> Transition:
    """Work out how ``a`` hands over to ``b``.

    Args:
        a: the passage that ends; may be the same as ``b``.
        b: the passage that follows.
        crossfade_s: MPD's ``crossfade`` in seconds, for lead points that nobody has set.
        ramped: the overlap that MixRamp asks for instead; None = it cannot tell, or is off.

    Returns:
        The transition; without overlap where a duration is not known.
    """
    if ramped is not None and a.lead_out is None and b.lead_in is None:
        return Transition(_overlap(a, b, ramped), closing_fade(a), opening_fade(b))
    wanted = seconds_to_ticks(crossfade_s) if crossfade_s > 0 else ZERO_TICKS
    overlap = _overlap(a, b, wanted)
    return Transition(overlap, _fade_out_start(a, overlap), _fade_in_end(b, overlap))


def opening_fade(passage: Passage) -> Ticks | None:
    """Return the end of the fade-in of a passage that starts without a predecessor."""
    return _fade_in_end(passage, ZERO_TICKS)


def closing_fade(passage: Passage) -> Ticks | None:
    """Return the start of the fade-out of a passage that nothing follows."""
    return _fade_out_start(passage, ZERO_TICKS)


def _overlap(a: Passage, b: Passage, wanted: Ticks) -> Ticks:
    """X, where ``wanted`` is how long it is to be as far as nobody has set a lead."""
    if a.end is None or a.duration is None or b.duration is None:
        return ZERO_TICKS
    shared = Ticks(min(wanted, a.duration // 2, b.duration // 2))
    return Ticks(max(0, min(_room_at_end(a, a.end, shared), _room_at_start(b, shared))))


def _room_at_end(a: Passage, end: Ticks, shared: Ticks) -> int:
    """E − LO: explicit, or the pair's share as far as an explicit lead-in leaves room."""
    if a.lead_out is not None:
        return end - a.lead_out
    return shared if a.lead_in is None else min(shared, end - a.lead_in)


def _room_at_start(b: Passage, shared: Ticks) -> int:
    """LI − S: explicit, or the pair's share as far as an explicit lead-out leaves room."""
    if b.lead_in is not None:
        return b.lead_in - b.start
    return shared if b.lead_out is None else min(shared, b.lead_out - b.start)


def _fade_out_start(a: Passage, overlap: Ticks) -> Ticks | None:
    """FO: explicit, or the start of the overlap, but not before an explicit fade-in has ended."""
    if a.end is None:
        return None
    point = a.fade_out
    if point is None:
        follows = a.end - overlap
        point = Ticks(follows if a.fade_in is None else max(follows, a.fade_in))
    return point if point < a.end else None


def _fade_in_end(b: Passage, overlap: Ticks) -> Ticks | None:
    """FI: explicit, or the end of the overlap, but not after an explicit fade-out has begun."""
    point = b.fade_in
    if point is None:
        follows = b.start + overlap
        point = Ticks(follows if b.fade_out is None else min(follows, b.fade_out))
    return point if point > b.start else None
