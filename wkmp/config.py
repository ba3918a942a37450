"""What wkmp.ini may say: every key once, with its kind, default and meaning.

The dataclasses are the table: the parser, the shipped wkmp.ini and the documentation are made
from their fields. A missing key means its default, so an old file stays valid.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from playback.levels import Levelling
from playback.settings import SPECS
from wkmp import ini_kinds as kinds
from wkmp import paths
from wkmp.ini_kinds import PERMISSIONS, Kind, Password

T = TypeVar("T")

DEFAULTS_SECTION: Final = "defaults"
OUTPUT_SECTION: Final = "output"
SOUND_PLUGINS: Final = frozenset({"auto", "alsa"})
SIDE_PLUGINS: Final = frozenset({"file", "pipe"})


@dataclass(frozen=True, slots=True)
class Key:
    """One key of wkmp.ini; ``default`` as it would be written there."""

    section: str
    name: str
    kind: Kind[Any]
    default: str
    meaning: str


def _key(kind: Kind[T], default: T, meaning: str) -> T:
    about = (kind, kind.render(default), meaning)
    return field(default=default, metadata={"key": about})


def _standard_path(kind: Kind[T], found: Callable[[], T], shown: str, meaning: str) -> T:
    """Describe a path whose default depends on the environment; ``shown`` says how."""
    return field(default_factory=found, metadata={"key": (kind, shown, meaning)})


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things are."""

    music_directory: Path = _standard_path(
        kinds.folder(), paths.music_directory, "~/Music", "your music"
    )
    data_directory: Path = _standard_path(
        kinds.folder(), paths.data_directory, "~/.local/share/wkmp", "where the database is kept"
    )

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data_directory / "wkmp.db"


@dataclass(frozen=True, slots=True)
class Network:
    """Who may connect, and how much they may ask for."""

    address: tuple[str, ...] = _key(
        kinds.addresses(), ("127.0.0.1",), "where MPD clients can reach wkmp"
    )
    port: int = _key(kinds.whole(0, 65535), 6600, "the port; 0 = any free one")
    socket: Path | None = _standard_path(
        kinds.path_or_none(),
        paths.local_socket,
        "$XDG_RUNTIME_DIR/wkmp/socket",
        "a local socket besides",
    )
    passwords: tuple[Password, ...] = _key(
        kinds.passwords(), (), "what each password permits, one on each indented line"
    )
    default_permissions: frozenset[str] | None = _key(
        kinds.permissions(),
        None,
        "what is permitted without a password; auto = all if there are no passwords, else none",
    )
    max_connections: int = _key(kinds.whole(1, 10000), 100, "clients at the same time")
    connection_timeout: int = _key(
        kinds.whole(1, 86400, "seconds"), 60, "a client that sends nothing for so long is cut off"
    )
    max_command_list_size: int = _key(
        kinds.whole(1, 1048576, "KiB"), 2048, "the longest command list"
    )
    max_output_buffer_size: int = _key(
        kinds.whole(64, 1048576, "KiB"), 8192, "the largest piece of a picture a client may ask for"
    )
    max_playlist_length: int = _key(
        kinds.whole(1, 10000000, "songs"), 16384, "the longest queue or stored playlist"
    )

    @property
    def open_permissions(self) -> frozenset[str]:
        """What a client may do that has given no password."""
        if self.default_permissions is not None:
            return self.default_permissions
        return frozenset() if self.passwords else frozenset(PERMISSIONS)


@dataclass(frozen=True, slots=True)
class Output:
    """An output: the sound device, or a side output, which gets what is heard."""

    name: str = _key(kinds.line("any text"), "Sound", "the name that clients show")
    enabled: bool = _key(
        kinds.yes_no(), default=True, meaning="at the first start; later as clients left it"
    )
    plugin: str = _key(
        kinds.one_of("auto", "alsa", "null", "file", "pipe"),
        "auto",
        "alsa = a sound device; null = no sound; auto = alsa if there is a device, else null; "
        "file, pipe = see path, command",
    )
    device: str = _key(
        kinds.line("auto, or a device name (see: python -m wkmp devices)"),
        "auto",
        "which device; auto = the best one there is, HDMI last",
    )
    fallback: str | None = _key(
        kinds.line_or_none("none, null (no sound), or a device name"),
        None,
        "played to while the device is not there; none = wait for it",
    )
    path: Path | None = _standard_path(
        kinds.path_or_none(),
        lambda: None,
        "none",
        "of a file: WAV if it ends in .wav, else bare samples; of a pipe: a FIFO",
    )
    command: str | None = _key(
        kinds.line_or_none("none, or a shell command"),
        None,
        "of a pipe, instead of a path: a program that reads bare samples",
    )
    rate: int = _key(
        kinds.one_number_of(44100, 48000, 88200, 96000, 176400, 192000, unit="Hz"),
        44100,
        "sample rate of the mix and of the device",
    )
    format: str = _key(
        kinds.one_of("auto", "S16_LE", "S24_3LE", "S24_LE", "S32_LE", "FLOAT_LE"),
        "auto",
        "sample format; auto = the best a device takes, S16_LE for file and pipe",
    )
    period: int = _key(
        kinds.whole(64, 16384, "frames"), 2048, "frames written at once; larger = fewer wake-ups"
    )
    periods: int = _key(kinds.whole(2, 16), 3, "periods in the device's buffer")


@dataclass(frozen=True, slots=True)
class Playback:
    """How playing begins and resumes."""

    restore_paused: bool = _key(
        kinds.yes_no(), default=False, meaning="after a restart, pause what was playing"
    )
    resume_fade_ms: int = _key(
        kinds.whole(0, 1000, "ms"), 20, "the ramp from silence after a pause"
    )
    replaygain_preamp: float = _key(
        kinds.number(-15, 15, "dB"), 0.0, "added to every gain that replay_gain_mode applies"
    )
    replaygain_missing_preamp: float = _key(
        kinds.number(-15, 15, "dB"), 0.0, "the gain of songs that have none"
    )
    replaygain_limit: bool = _key(
        kinds.yes_no(), default=True, meaning="never lift a song's known peak above full scale"
    )
    trim_silence: bool = _key(
        kinds.yes_no(),
        default=False,
        meaning="leave out silence at both ends of songs that have been measured",
    )

    @property
    def levelling(self) -> Levelling:
        """How the level of a file becomes its gain; the mode is the listener's."""
        return Levelling(
            preamp_db=self.replaygain_preamp,
            missing_preamp_db=self.replaygain_missing_preamp,
            limit=self.replaygain_limit,
        )


@dataclass(frozen=True, slots=True)
class Storage:
    """How carefully changes are kept."""

    durability: str = _key(
        kinds.one_of("power", "process"),
        "power",
        "what an acknowledged change survives: a power cut, or only a crash of the process",
    )


@dataclass(frozen=True, slots=True)
class Analysis:
    """Measuring loudness and both ends of all songs; see docs/levels.md."""

    background: bool = _key(
        kinds.yes_no(),
        default=False,
        meaning="measure new songs by itself; if not: python -m wkmp analyze",
    )


@dataclass(frozen=True, slots=True)
class Logging:
    """What is logged, and how it looks."""

    level: str = _key(
        kinds.one_of("debug", "info", "warning", "error"), "info", "the least important lines shown"
    )
    format: str = _key(
        kinds.one_of("auto", "terminal", "journald", "json"),
        "auto",
        "auto = journald when started by systemd, else terminal; json = one object a line",
    )


@dataclass(frozen=True, slots=True)
class Metrics:
    """The endpoint for Prometheus, with /metrics and /healthz."""

    address: str = _key(kinds.line("an address"), "127.0.0.1", "where it can be reached")
    port: int = _key(kinds.whole(0, 65535), 9660, "the port; 0 = no endpoint")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything wkmp.ini says; ``defaults`` seeds the settings that clients change later."""

    paths: Paths = field(default_factory=Paths)
    network: Network = field(default_factory=Network)
    outputs: tuple[Output, ...] = (Output(),)
    playback: Playback = field(default_factory=Playback)
    storage: Storage = field(default_factory=Storage)
    analysis: Analysis = field(default_factory=Analysis)
    logging: Logging = field(default_factory=Logging)
    metrics: Metrics = field(default_factory=Metrics)
    defaults: Mapping[str, int] = field(default_factory=dict)

    @property
    def main_output(self) -> int | None:
        """The place of the output that is, or can become, the sound device; None = none is."""
        return main_output([output.plugin for output in self.outputs])

    @property
    def output(self) -> Output:
        """The sound device; silence, with the first output's rate, if only others are named."""
        place = self.main_output
        return replace(self.outputs[0], plugin="null") if place is None else self.outputs[place]

    def with_device(self, plugin: str, device: str) -> Config:
        """Return the configuration with another sound device."""
        changed = replace(self.output, plugin=plugin, device=device)
        place = self.main_output
        if place is None:
            name = Output().name
            return replace(self, outputs=(*self.outputs, replace(changed, name=name, path=None)))
        outputs = (*self.outputs[:place], changed, *self.outputs[place + 1 :])
        return replace(self, outputs=outputs)


def main_output(plugins: Sequence[str]) -> int | None:
    """Return which of the outputs is the sound device: the one that is, else one without sound."""
    for wanted in (SOUND_PLUGINS, {"null"}):
        for place, plugin in enumerate(plugins):
            if plugin in wanted:
                return place
    return None


SECTIONS: Final[Mapping[str, type[Any]]] = {
    "paths": Paths,
    "network": Network,
    "output": Output,
    "playback": Playback,
    "storage": Storage,
    "analysis": Analysis,
    "logging": Logging,
    "metrics": Metrics,
}


def _keys() -> Iterator[Key]:
    for section, of_section in SECTIONS.items():
        for each in dataclasses.fields(of_section):
            kind, default, meaning = each.metadata["key"]
            yield Key(section, each.name, kind, default, meaning)
    for spec in SPECS.values():
        kind = kinds.whole(spec.lowest, spec.highest)
        yield Key(DEFAULTS_SECTION, spec.key, kind, str(spec.default), spec.meaning)


KEYS: Final[tuple[Key, ...]] = tuple(_keys())
"""Every key there is, in the order of wkmp.ini."""
