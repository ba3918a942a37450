"""The command line: what may be typed, and which function does it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from playback.errors import ConfigError, WkmpError
from wkmp import VERSION, journal
from wkmp.banner import how_to_call
from wkmp.first_start import CommandLine, configuration

BAD_CONFIG: Final = 2

Action = Callable[[argparse.Namespace], int]

_ABOUT: Final = """\
wkmp plays music and speaks MPD's protocol. Without a command it runs: in the foreground, on
localhost:6600, until Ctrl-C. Other commands talk to the daemon that runs.
"""


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit status. Faults of the user's get a line each."""
    said = _parser().parse_args(_with_command(argv))
    action: Action = said.action
    try:
        return action(said)
    except ConfigError as error:
        _complain(error)
        return BAD_CONFIG
    except WkmpError as error:
        _complain(error)
        return 1
    except KeyboardInterrupt:
        return 130


def _complain(error: WkmpError) -> None:
    priority = journal.ERROR if journal.goes_to_journal(sys.stderr) else ""
    for line in str(error).splitlines():
        print(f"{priority}wkmp: {line}", file=sys.stderr)


def _with_command(argv: Sequence[str]) -> list[str]:
    """Put in the command that may be left out: ``run``, or ``demo`` for ``--demo``."""
    words = list(argv)
    if words and words[0] in {"-h", "--help", "--version", *_ACTIONS}:
        return words
    if "--demo" in words:
        return ["demo", *(word for word in words if word != "--demo")]
    return ["run", *words]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=how_to_call(), description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"wkmp {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (about, action, arguments) in _ACTIONS.items():
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument(
            "--config", type=Path, metavar="FILE", help="another wkmp.ini than the user's"
        )
        arguments(command)
        command.set_defaults(action=action)
    return parser


def _command_line(said: argparse.Namespace) -> CommandLine:
    given = vars(said)
    return CommandLine(
        config=said.config,
        music=given.get("music"),
        device=given.get("device"),
        port=given.get("port"),
        lan=given.get("lan", False),
    )


# Arguments


def _of_run(command: argparse.ArgumentParser) -> None:
    command.add_argument("music", type=Path, nargs="?", metavar="MUSIC_DIR", help="your music")
    _of_demo(command)
    command.add_argument("--lan", action="store_true", help="let this network's phones in")
    command.add_argument("--port", type=_port, metavar="N", help="instead of 6600; 0 = any")


def _of_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--device", metavar="NAME", help="sound device (see: devices); null = no sound"
    )


def _of_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("do", choices=("list", "get", "set"))
    command.add_argument("key", nargs="?", metavar="KEY")
    command.add_argument("value", nargs="?", metavar="VALUE")


def _of_passage(command: argparse.ArgumentParser) -> None:
    command.add_argument("do", choices=("list", "add", "set", "delete", "import", "export"))
    command.add_argument(
        "words", nargs="*", metavar="…", help="URI, points as NAME=VALUE, or a file"
    )


def _of_analyze(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "path", nargs="?", metavar="PATH", help="a directory or a song; without it: all"
    )
    instead = command.add_mutually_exclusive_group()
    for do, about in (
        ("background", "have the daemon do it, and return at once"),
        ("stop", "have the daemon stop; what has been measured is kept"),
        ("status", "say how far it is, and what could not be measured"),
    ):
        instead.add_argument(f"--{do}", dest="do", action="store_const", const=do, help=about)


def _of_device(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="as listed by: devices")


def _no_more(_command: argparse.ArgumentParser) -> None:
    """Take no arguments besides."""


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not allowed; allowed: 0 to 65535")
    return port


# Actions. What a command needs is imported by it alone: help must not wait for numpy.


def _run(said: argparse.Namespace) -> int:
    config = configuration(_command_line(said), create=True)
    status: int = import_module("wkmp.daemon").run(config, import_module("wkmp.assembly").assemble)
    return status


def _demo(said: argparse.Namespace) -> int:
    config = configuration(_command_line(said))
    status: int = import_module("wkmp.demo").run(config)
    return status


def _check_config(said: argparse.Namespace) -> int:
    configuration(_command_line(said))
    print("wkmp.ini is in order")
    return 0


def _settings(said: argparse.Namespace) -> int:
    given = [word for word in (said.key, said.value) if word is not None]
    needed = {"list": 0, "get": 1, "set": 2}[said.do]
    if len(given) != needed:
        raise ConfigError("usage: settings list | settings get KEY | settings set KEY VALUE")
    command = import_module("wkmp.settings_command")
    config = configuration(_command_line(said))
    _print_all(command.change(config, *given) if needed == 2 else command.show(config, *given))
    return 0


def _devices(said: argparse.Namespace) -> int:
    command = import_module("wkmp.device_command")
    _print_all(command.listed(configuration(_command_line(said))))
    return 0


def _device(said: argparse.Namespace) -> int:
    command = import_module("wkmp.device_command")
    _print_all(command.choose(configuration(_command_line(said)), said.name))
    return 0


def _passage(said: argparse.Namespace) -> int:
    command = import_module("wkmp.passage_command")
    _print_all(command.run(configuration(_command_line(said)), said.do, said.words))
    return 0


def _analyze(said: argparse.Namespace) -> int:
    command = import_module("wkmp.analyze_command")
    config = configuration(_command_line(said))
    _print_all(command.run(config, said.path, command.Do(said.do or "watch")))
    return 0


def _print_all(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


_ACTIONS: Final[dict[str, tuple[str, Action, Callable[[argparse.ArgumentParser], None]]]] = {
    "run": ("run the daemon (this is what happens without a command)", _run, _of_run),
    "demo": ("make a few passages, crossfade them and show what goes on", _demo, _of_demo),
    "check-config": ("say whether wkmp.ini is in order", _check_config, _no_more),
    "settings": ("list, get or set what can change while it runs", _settings, _of_settings),
    "passage": ("list, add, set, delete, import or export passages", _passage, _of_passage),
    "analyze": ("measure how loud songs and their ends are", _analyze, _of_analyze),
    "devices": ("list the sound devices", _devices, _no_more),
    "device": ("play to another sound device from now on", _device, _of_device),
}
