"""The same bytes to a real MPD and to this server: what comes back must be the same bytes.

Only what needs neither songs nor a player; after each request a ``ping`` shows whether the
connection is still there.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mpd_server import MpdClient, running_mpd
from tests.protocol.talk import House, Running, Wire, running

Address = tuple[str, int]

FRAMING = [
    b"ping", b"ping\r", b"ping \t ", b"ping\x00x", b"ping \x01", b"ping x", b"ping\tx", b"pinG",
    b"PING", b"", b" ping", b"\x00", b"\xff", b"GET / HTTP/1.1\r", b"pi-ng", b'ping"x"', b"ping'",
    b"ping\x7f", b"ping\xc3\xa9", b"x", b"foo bar", b'foo "bar', b'ping "', b'ping "x',
    b'ping "x"y',
    b'ping "x\\', b'ping "x\\"', b"playlistid it's", b'playlistid x"y', b'playlistid ""',
    b"setvol \xc3\xa9", b"noidle", b"noidle ", b"noidle x", b"close", b"close x",
    b"idle\nnoidle", b"idle\nnoidle ", b"idle\nidle", b"idle\nclose", b"idle foo", b'idle ""',
    b"idle player foo", b"idle PLAYER mixer\nnoidle", b"idle\nnoidle\nnoidle",
    b"command_list_end", b"command_list_end x", b"command_list_begin x",
    b"command_list_begin\ncommand_list_end", b"command_list_begin \nping\ncommand_list_end ",
    b"command_list_ok_begin\nping\nping\ncommand_list_end",
    b"command_list_begin\nping\nfoo\nping\ncommand_list_end",
    b"command_list_ok_begin\nping\nfoo\nping\ncommand_list_end",
    b"command_list_begin\ncommand_list_begin\ncommand_list_end",
    b"command_list_begin\nnoidle\ncommand_list_end",
    b"command_list_ok_begin\nping\nidle\nping\ncommand_list_end\nnoidle",
    b"command_list_ok_begin\nping\nclose\nping\ncommand_list_end",
    b"command_list_begin\nping\npi-ng\ncommand_list_end",
    b"command_list_begin\n\ncommand_list_end", b"command_list_begin\nPING\ncommand_list_end",
    b"command_list_begin\nstatus x\ncommand_list_end", b"x" + b" y" * 200,
]  # fmt: skip

ARGUMENTS = [
    "play a", "play 1.5", "play -2", 'play ""', "play 99", "play 99999999999", "play 1 2",
    "playid x", "pause 2", "pause x", 'pause ""', "pause 1 2", "seek 0 -5", "seek a 1", "seek 0 a",
    "seek -1 1", "seek 1", "seekid abc 3", "seekid -1 1", "seekcur", 'seekcur ""', "seekcur +",
    "seekcur x", "setvol", "setvol loud", "setvol 10.5", "setvol -1", "setvol 101", "setvol 1 2",
    "volume abc", "volume 101", "volume -150", "crossfade -1", "crossfade abc", "crossfade 1.5",
    "crossfade 99999999999", "mixrampdb abc", 'mixrampdb ""', "mixrampdelay abc", "random 2",
    "random on", 'random ""', "random -1", "repeat", "single 3", "single ONESHOT", "single -1",
    "replay_gain_mode TRACK", 'replay_gain_mode ""', "delete", "delete x", "delete 1:2:3",
    "delete 3:1", "delete :1", "deleteid -1", "move 1", "move x 0", "move 0 x", "move 0: 1",
    "move -1 0", "move 3:1 0", "moveid x 1", "moveid -1 0", "swap x 0", "swap -1 0", "swapid x 2",
    "shuffle x", "shuffle 3:1", "playlistinfo x", "playlistinfo -2", "playlistinfo 1:b",
    "playlistinfo 9", "playlistid x", "playlistid -1", "playlistid 99", "plchanges x",
    "plchanges 1.5", "plchanges 0 3:1", "prio -1 0", "prio 256 0", "prio x 0", "prio 5 x",
    "prio 5", "prio 5 -2", "prioid 5 x", "prioid -1 1", "rangeid 1 x", "rangeid 1 10:5",
    "rangeid x 1:2", "rangeid 1 5:5", "addtagid 99 nosuch x", "addtagid x artist y", "addtagid 1 x",
    "cleartagid 99 nosuch", "enableoutput x", "enableoutput -1", "outputset 9 a b", "subscribe",
    'subscribe ""', 'subscribe "a b"', "unsubscribe a", 'unsubscribe "a b"', "sendmessage a b",
    'sendmessage "a b" c', "partition x", 'partition ""', "binarylimit 63", "binarylimit x",
    "binarylimit -1", "binarylimit 64", "tagtypes enable", "tagtypes disable", "tagtypes foo",
    "tagtypes enable comment", "tagtypes disable Comment",
    "tagtypes clear artist", "tagtypes all artist", "tagtypes enable nosuch", "tagtypes clear",
    "password x", "password", "config", "playlistfind", "playlistfind title",
    "playlistfind nosuch x", "playlistfind title a artist", "lsinfo nosuch", "lsinfo ../x",
    "lsinfo /etc", "lsinfo mpd-client://x", "lsinfo a b", "listall nosuch", "listall /x",
    "listfiles /", "listfiles nosuch://x/", "update ../x", "update /abs", "update a/", "add",
    "add nosuch", "add nosuch 0", "add ../x", "add /etc/passwd", "add foo://x", "add file://",
    "add a 1 2", "addid nosuch", 'addid ""', "addid foo://x",
    "status x", "stats x", "currentsong x", "outputs x", "commands x", "channels x", "clear x",
    "stop x", "next x", "previous x", "getvol x", "clearerror x", "urlhandlers x",
    "listplaylists x",    "channels", "readmessages", "listpartitions",
    "subscribe a\nchannels\nsendmessage a b\nreadmessages",
]  # fmt: skip
NEEDS_THE_PLAYER = {"play 99", "outputset 9 a b"}
"""QueueActor refuses these, not the session."""
REQUESTS = [*FRAMING, *(text.encode() for text in ARGUMENTS if text not in NEEDS_THE_PLAYER)]


@pytest.fixture(name="mpd", scope="module")
def fixture_mpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdClient]:
    with running_mpd(tmp_path_factory.mktemp("mpd"), [("a.wav", 1.0)]) as client:
        yield client


@pytest.fixture(name="ours", scope="module")
def fixture_ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(House(music=tmp_path_factory.mktemp("music"))) as runs:
        yield runs


def replies(address: Address, request: bytes) -> bytes:
    """Return all that a new connection is answered, behind the greeting."""
    with Wire(address) as wire:
        wire.send(request + b"\nping\n")
        wire.socket.shutdown(socket.SHUT_WR)
        greeting, _, answer = wire.read_all().partition(b"\n")
    assert greeting.startswith(b"OK MPD ")
    return answer


def address_of(mpd: MpdClient) -> Address:
    host, port = mpd._socket.getpeername()
    return host, port


@pytest.mark.parametrize("request_bytes", REQUESTS)
def test_the_answer_is_mpds(request_bytes: bytes, mpd: MpdClient, ours: Running) -> None:
    assert replies(ours.address, request_bytes) == replies(address_of(mpd), request_bytes)


WORDS = st.text(st.sampled_from("ab1 \t\"'\\\x00\x01é"), max_size=8)
ODD_LINES = st.builds("{} {}".format, st.sampled_from(["ping", "x", "pi'ng", "playlistid"]), WORDS)


@given(ODD_LINES)
@settings(deadline=None, max_examples=150)
def test_odd_lines_are_cut_as_mpd_cuts_them(mpd: MpdClient, ours: Running, line: str) -> None:
    request = line.encode()
    assert replies(ours.address, request) == replies(address_of(mpd), request)
