"""OK means that what was changed is on disk."""

from __future__ import annotations

from actors.messages import Done
from tests.protocol.talk import House, Talk, answer, hub_of, listed, run


def test_ok_waits_until_the_change_is_on_disk() -> None:
    house = House()
    house.queue.answer = Done(None, 17)
    house.storage.is_slow = True

    async def conversation() -> None:
        talk = Talk(hub_of(house))
        request = talk.hub.loop.create_task(talk.send("setvol 5"))
        await house.storage.told.wait()
        assert talk.heard() == ""
        assert not request.done()
        house.storage.flushes[0].done()
        await request
        assert talk.heard() == "OK\n"

    run(conversation())


def test_what_changes_nothing_waits_for_no_disk() -> None:
    house = House()
    house.queue.answer = Done(None, 0)
    assert answer("setvol 5", "status", house=house).endswith("OK\n")
    assert house.storage.flushes == []


def test_a_list_waits_for_the_disk_once() -> None:
    house = House()
    house.queue.answer = Done(None, 17)
    assert listed("setvol 5", "random 1", "play", house=house) == "OK\n"
    assert len(house.storage.flushes) == 1


def test_a_refused_list_waits_for_what_it_has_changed() -> None:
    house = House()
    house.queue.answer = Done(None, 17)
    assert listed("setvol 5", "foo", house=house).startswith("ACK [5@1]")
    assert len(house.storage.flushes) == 1
