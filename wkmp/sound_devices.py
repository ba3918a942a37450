"""Which sound devices there are, in plain words, and which one a newcomer wants.

Read from the kernel's list, so nothing is opened and no device is disturbed.
"""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playback.errors import ConfigError

_KERNEL: Final = Path("/proc/asound")
_SYSTEM_CONFIG: Final = Path("/etc/asound.conf")
# For example: " 0 [PCH            ]: HDA-Intel - HDA Intel PCH".
_CARD: Final = re.compile(r"^\s*(?P<number>\d+) \[(?P<id>\S+)\s*\]: (?P<driver>.*?) - (?P<name>.*)")
# For example: "00-03: HDMI 0 : HDMI 0 : playback 1".
_PCM: Final = re.compile(
    r"^(?P<card>\d+)-(?P<device>\d+): (?P<id>.*?) : (?P<name>.*?) : (?P<rest>.*)"
)
_HDMI: Final = re.compile(r"hdmi|displayport", re.IGNORECASE)
_BUILT_IN_JACK: Final = re.compile(r"bcm2835|headphones", re.IGNORECASE)


class Rank(enum.IntEnum):
    """What is tried first when the user has not chosen."""

    CONFIGURED = 0
    """The default that an asound.conf names."""
    SOUND_SERVER = 1
    """The desktop's own; it holds the hardware."""
    CARD = 2
    """USB, sound HAT, on board."""
    BUILT_IN_JACK = 3
    """The Raspberry Pi's headphone jack, the worst of its sounds."""
    HDMI = 4
    """A screen may be without loudspeakers: only if there is nothing else."""


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """One that can be played to.

    Attributes:
        name: ALSA's name for it.
        words: what a user knows it as.
    """

    name: str
    words: str
    rank: Rank


def found(pcm_names: Collection[str], kernel: Path = _KERNEL) -> tuple[SoundDevice, ...]:
    """Return the devices, the best first.

    Args:
        pcm_names: the PCMs that ALSA's configuration offers.
        kernel: where the kernel lists its cards.
    """
    devices = [*_configured(pcm_names), *_sound_servers(pcm_names), *_cards(kernel)]
    return tuple(sorted(devices, key=lambda device: device.rank))


def chosen(wish: str, devices: Sequence[SoundDevice]) -> SoundDevice:
    """Return the device a user means: by its name, or by a part of name or description.

    A name that is not listed may still be one of the user's own PCMs.

    Raises:
        ConfigError: several devices fit.
    """
    for device in devices:
        if wish == device.name:
            return device
    part = wish.lower()
    fitting = [d for d in devices if part in d.name.lower() or part in d.words.lower()]
    if len(fitting) > 1:
        names = ", ".join(device.name for device in fitting)
        raise ConfigError(f"device {wish}: several fit; say which: {names}")
    return fitting[0] if fitting else SoundDevice(wish, wish, Rank.CONFIGURED)


def _configured(pcm_names: Collection[str]) -> Iterator[SoundDevice]:
    files = (Path.home() / ".asoundrc", _SYSTEM_CONFIG)
    written = next((file for file in files if file.exists()), None)
    if written and "default" in pcm_names:
        yield SoundDevice("default", f"the default of {written}", Rank.CONFIGURED)


def _sound_servers(pcm_names: Collection[str]) -> Iterator[SoundDevice]:
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    pulse_runs = "PULSE_SERVER" in os.environ or (runtime / "pulse" / "native").exists()
    if pulse_runs and "pulse" in pcm_names:
        yield SoundDevice("pulse", "the desktop's sound (PulseAudio, PipeWire)", Rank.SOUND_SERVER)
    elif (runtime / "pipewire-0").exists() and "pipewire" in pcm_names:
        yield SoundDevice("pipewire", "the desktop's sound (PipeWire)", Rank.SOUND_SERVER)


def _cards(kernel: Path) -> Iterator[SoundDevice]:
    cards = {match["number"]: match for match in _matches(_CARD, kernel / "cards")}
    for pcm in _matches(_PCM, kernel / "pcm"):
        card = cards.get(str(int(pcm["card"])))
        if card is not None and "playback" in pcm["rest"]:
            yield _device(card, pcm)


def _device(card: re.Match[str], pcm: re.Match[str]) -> SoundDevice:
    rank = _rank(f"{card['id']} {card['name']} {pcm['id']} {pcm['name']}")
    detail = pcm["name"].strip() or pcm["id"].strip()
    words = card["name"].strip()
    if detail.lower() not in words.lower():
        words = f"{words}, {detail}"
    name = f"plughw:CARD={card['id']},DEV={int(pcm['device'])}"
    if card["id"].startswith("vc4hdmi"):
        # The Raspberry Pi's HDMI takes only frames in a wrapping that this PCM does.
        name = f"sysdefault:CARD={card['id']}"
    return SoundDevice(name, words, rank)


def _rank(text: str) -> Rank:
    if _HDMI.search(text):
        return Rank.HDMI
    return Rank.BUILT_IN_JACK if _BUILT_IN_JACK.search(text) else Rank.CARD


def _matches(pattern: re.Pattern[str], file: Path) -> Iterator[re.Match[str]]:
    try:
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return  # no sound in this kernel
    yield from (match for line in lines if (match := pattern.match(line)))
