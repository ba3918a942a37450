"""The daemon's side of the one door: the sub-commands of ``wkmp``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from actors.address import Address, Request
from actors.messages import Done, Flush, SetSetting, UseDevice
from library.music_directory import MusicDirectory
from playback.errors import AckCode, AckError, ConfigError
from playback.settings import SPECS, Settings
from protocol.services import AdminCommand, Queue
from wkmp.passage_admin import PassageAdmin
from wkmp.sound_devices import SoundDevice, chosen

Pairs: TypeAlias = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """What a shell may ask of the running daemon.

    Attributes:
        settings: the values in force.
        devices: looks which sound devices there are now; called in a thread.
        analyze: starts and stops analyses.
        loop: the server's.
    """

    queue: Queue
    storage: Address[Flush]
    settings: Callable[[], Settings]
    devices: Callable[[], Sequence[SoundDevice]]
    music: MusicDirectory
    analyze: AdminCommand
    loop: asyncio.AbstractEventLoop

    def commands(self) -> Mapping[str, AdminCommand]:
        """Return the sub-commands by name."""
        return {
            "settings": self._settings,
            "devices": self._list_devices,
            "device": self._device,
            "passage": PassageAdmin(self._change, self.music),
            "analyze": self.analyze,
        }

    async def _settings(self, words: Sequence[str]) -> Pairs:
        match words:
            case ["list"]:
                return [(key, str(value)) for key, value in asdict(self.settings()).items()]
            case ["get", key]:
                return [(_known(key), str(asdict(self.settings())[key]))]
            case ["set", key, text]:
                used = await self._change(SetSetting(_known(key), text))
                return [(key, str(used))]
            case _:
                raise _refusal("settings list | settings get KEY | settings set KEY VALUE")

    async def _list_devices(self, words: Sequence[str]) -> Pairs:
        if words:
            raise _refusal("devices")
        pairs: list[tuple[str, str]] = []
        for device in await asyncio.to_thread(self.devices):
            pairs += [("device", device.name), ("description", device.words)]
        return pairs

    async def _device(self, words: Sequence[str]) -> Pairs:
        match words:
            case ["null"]:
                await self._change(UseDevice("null", ""))
                return [("playing_to", "nothing (no sound)")]
            case [wish]:
                device = await self._named(wish)
                await self._change(UseDevice("alsa", device.name))
                return [("playing_to", f"{device.words} ({device.name})")]
            case _:
                raise _refusal("device NAME")

    async def _named(self, wish: str) -> SoundDevice:
        try:
            return chosen(wish, await asyncio.to_thread(self.devices))
        except ConfigError as error:
            raise AckError(AckCode.ARG, str(error)) from error

    async def _change(self, request: Request[Done[Any]]) -> object:
        """Ask QueueActor, and wait until the change is durable."""
        done = await self.queue.ask_soon(request, self.loop)
        if done.change:
            await self._all_is_durable()
        return done.value

    async def _all_is_durable(self) -> None:
        durable: asyncio.Future[None] = self.loop.create_future()

        def done() -> None:
            self.loop.call_soon_threadsafe(_settle, durable)

        self.storage.tell(Flush(done))
        await durable


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():  # the client may have gone
        future.set_result(None)


def _known(key: str) -> str:
    if key not in SPECS:
        raise AckError(AckCode.NO_EXIST, f"No such setting: {key}; there are: {', '.join(SPECS)}")
    return key


def _refusal(usage: str) -> AckError:
    return AckError(AckCode.ARG, f"usage: wkmp {usage}")
