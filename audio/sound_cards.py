"""Which sound devices this machine has, in plain words, and which to play to unasked.

Cards are read from the kernel's own list in ``/proc/asound``: it names each device of a card,
so the HDMI sockets of a card are told apart from its headphone socket, and it can be read
without opening anything and by users who may not use the cards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audio.alsa_probe import Answer, probe
from audio.alsa_sink import pcm_names

_PROC: Final = Path("/proc/asound")
_SERVERS: Final = (
    ("pipewire", "the desktop's sound server (PipeWire)"),
    ("pulse", "the desktop's sound server (PulseAudio)"),
)
# A line like: 0 [PCH            ]: HDA-Intel - HDA Intel PCH
_CARD: Final = re.compile(r"^ *(\d+) \[(\S+) *\]: (.*?) - (.*)$", re.MULTILINE)
# A line like: 00-03: HDMI 0 : HDMI 0 : playback 1
_DEVICE: Final = re.compile(r"^(\d+)-(\d+): (.*?) : (.*?) : .*\bplayback\b.*$", re.MULTILINE)
_SCREEN: Final = re.compile(r"hdmi|displayport", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SoundCard:
    """Something to play to.

    Attributes:
        device: its ALSA name.
        description: what it is, for people.
        is_hdmi: it sounds in a screen, if at all.
    """

    device: str
    description: str
    is_hdmi: bool = False


def list_cards(proc: Path = _PROC) -> tuple[SoundCard, ...]:
    """Return everything to play to, best first: a sound server, cards, HDMI.

    A server counts if it answers; asking takes a child process, some 50 ms.
    """
    cards = _cards(_read(proc / "cards"), _read(proc / "pcm"))
    return (*_servers(), *sorted(cards, key=lambda card: card.is_hdmi))


def choose(proc: Path = _PROC) -> SoundCard | None:
    """Return what to play to when nobody says; None if there is nothing."""
    return next(iter(list_cards(proc)), None)


def _servers() -> tuple[SoundCard, ...]:
    """Return the first server that answers; two names may well lead to the same one."""
    offered = pcm_names()
    for name, description in _SERVERS:
        if name in offered and probe(name) is Answer.OPENED:
            return (SoundCard(name, description),)
    return ()


def _cards(cards: str, devices: str) -> Iterator[SoundCard]:
    known = {int(number): names for number, *names in _CARD.findall(cards)}
    for number, device, identity, name in _DEVICE.findall(devices):
        if int(number) not in known:
            continue
        card, driver, card_name = known[int(number)]
        is_hdmi = _SCREEN.search(f"{card} {card_name} {identity} {name}") is not None
        yield SoundCard(
            f"plughw:CARD={card},DEV={int(device)}",
            _describe(driver, card_name, name, is_hdmi=is_hdmi),
            is_hdmi,
        )


def _describe(driver: str, card: str, name: str, *, is_hdmi: bool) -> str:
    words = card if name in {card, ""} else f"{card}, {name}"
    if driver == "USB-Audio":
        return f"USB: {card}"
    return f"screen (HDMI): {words}" if is_hdmi else words


def _read(path: Path) -> str:
    """Return the file's text; without ALSA in the kernel there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
