"""Threads that run ahead in order, and the bytes they may hold."""

from __future__ import annotations

import threading
import time

import pytest

from imgfit.photos.ahead import ByteBudget, map_ahead


def test_what_a_thread_raises_surfaces_at_its_place_and_ends_the_threads() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise TimeoutError("its own")
        return number

    done: list[int] = []
    stopped = threading.Event()
    with pytest.raises(TimeoutError, match="its own"):
        done.extend(map_ahead(work, range(9), workers=2, ahead=4, stopped=stopped))
    assert stopped.is_set()
    assert not [t for t in threading.enumerate() if t.name.startswith("imgfit-photo")]


def test_a_slow_item_is_waited_for_and_keeps_its_place() -> None:
    def work(number: int) -> int:
        time.sleep(0.7 if number == 1 else 0)  # longer than a wait that Ctrl-C may have to end
        return number

    results = map_ahead(work, range(5), workers=3, ahead=4, stopped=threading.Event())
    assert list(results) == [0, 1, 2, 3, 4]


def test_room_bounds_what_is_held_and_lets_the_largest_through_alone() -> None:
    room = ByteBudget(10)
    held: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    def hold(size: int) -> None:
        with room.take(size):
            with lock:
                held.append(size)
                most.append(sum(min(size, 10) for size in held))
            time.sleep(0.005)
            with lock:
                held.remove(size)

    threads = [threading.Thread(target=hold, args=(size,)) for size in [4, 6, 25, 3, 3, 3, 10, 1]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(most) == 8
    assert max(most) <= 10
