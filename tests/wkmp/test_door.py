from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from wkmp.door import Door, DoorError, quoted
from wkmp.ini_kinds import Password
from wkmp.instance import Whereabouts


class OneClient:
    """A server that knows a few answers by heart and writes down what it was asked."""

    def __init__(
        self, path: Path, answers: Mapping[str, str], greeting: str = "OK MPD 0.24.0\n"
    ) -> None:
        self.path = str(path)
        self.heard: list[str] = []
        self._answers = answers
        self._greeting = greeting
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(self.path)
        self._listening.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        client, _ = self._listening.accept()
        with client, client.makefile("rw", encoding="utf-8", newline="\n") as lines:
            lines.write(self._greeting)
            lines.flush()
            for line in lines:
                self.heard.append(line.rstrip("\n"))
                answer = self._answers.get(self.heard[-1])
                if answer is None:
                    return
                lines.write(answer)
                lines.flush()

    def end(self) -> None:
        self._thread.join(5)
        self._listening.close()


@pytest.fixture
def servers() -> Iterator[list[OneClient]]:
    running: list[OneClient] = []
    yield running
    for server in running:
        server.end()


def test_an_answer_comes_back_as_pairs(tmp_path: Path, servers: list[OneClient]) -> None:
    asked = 'wkmp "settings" "list"'
    server = OneClient(tmp_path / "s", {asked: "a: 1\nb: x: y\nOK\n"})
    servers.append(server)
    door = Door(Whereabouts(1, server.path))
    assert door.ask("wkmp", "settings", "list") == (("a", "1"), ("b", "x: y"))
    door.close()
    assert server.heard == [asked]


def test_a_refusal_is_told_in_the_daemons_words(tmp_path: Path, servers: list[OneClient]) -> None:
    server = OneClient(tmp_path / "s", {'wkmp "x"': "ACK [2@0] {wkmp} no such thing\n"})
    servers.append(server)
    door = Door(Whereabouts(1, server.path))
    with pytest.raises(DoorError, match=r"^no such thing$"):
        door.ask("wkmp", "x")
    door.close()


def test_a_password_that_permits_administration_is_given_first(
    tmp_path: Path, servers: list[OneClient]
) -> None:
    given = 'password "so \\"secret\\""'
    server = OneClient(tmp_path / "s", {given: "OK\n", "ping": "OK\n"})
    servers.append(server)
    passwords = [
        Password("weak", frozenset({"read"})),
        Password('so "secret"', frozenset({"admin"})),
    ]
    door = Door(Whereabouts(1, server.path), passwords)
    assert door.ask("ping") == ()
    door.close()
    assert server.heard == [given, "ping"]


def test_a_daemon_that_hangs_up_is_told(tmp_path: Path, servers: list[OneClient]) -> None:
    server = OneClient(tmp_path / "s", {})
    servers.append(server)
    door = Door(Whereabouts(1, server.path))
    with pytest.raises(DoorError, match="hung up"):
        door.ask("ping")
    door.close()


def test_another_server_is_not_mistaken_for_ours(tmp_path: Path, servers: list[OneClient]) -> None:
    server = OneClient(tmp_path / "s", {}, greeting="220 mail.example\n")
    servers.append(server)
    with pytest.raises(DoorError, match="no MPD server"):
        Door(Whereabouts(1, server.path))


def test_the_network_is_tried_where_the_socket_is_gone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        where = Whereabouts(1, str(tmp_path / "gone"), ("127.0.0.1", listening.getsockname()[1]))

        def greet() -> None:
            client, _ = listening.accept()
            with client:
                client.sendall(b"OK MPD 0.24.0\n")

        server = threading.Thread(target=greet)
        server.start()
        Door(where).close()
        server.join(5)


def test_a_daemon_that_cannot_be_reached_is_named_with_where_it_was_tried(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    with pytest.raises(DoorError) as refused:
        Door(Whereabouts(4711, gone))
    assert "4711" in str(refused.value)
    assert gone in str(refused.value)


@pytest.mark.parametrize(
    ("word", "sent"), [("a b", '"a b"'), ('"', '"\\""'), ("\\", '"\\\\"'), ("", '""')]
)
def test_words_are_quoted_as_mpd_reads_them(word: str, sent: str) -> None:
    assert quoted(word) == sent


def test_a_line_break_cannot_be_smuggled_in() -> None:
    with pytest.raises(DoorError):
        quoted("a\nclear")
