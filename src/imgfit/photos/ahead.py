"""Threads that run a bounded way ahead of their consumer, in order."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

# A thread that finds no memory for its first steps dies, and CPython waits for it for ever; so
# each one's stack of eight megabytes and what it begins with must fit before any is started.
_THREAD_BYTES = 12_000_000
# On Windows a wait without an end cannot be interrupted; this is how long Ctrl-C may take there.
_WAIT_SECONDS = 0.5


def map_ahead(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int,
    ahead: int,
    stopped: threading.Event,
) -> Generator[Result, None, None]:
    """Run a function on threads, a bounded number of items ahead, and yield in order.

    Args:
        function: Called on threads; what it raises surfaces at its item's place.
        items: Taken one for one as results are.
        workers: How many threads.
        ahead: Most items begun or done but not yet taken.
        stopped: Set at the end, also at an early one, so that calls under way can be brief.

    Yields:
        The results, in the order of the items.

    Raises:
        MemoryError: There is no room for the threads.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="imgfit-photo")
    waiting: deque[Future[Result]] = deque()
    source = iter(items)
    first = list(islice(source, ahead))
    try:
        _start_threads(pool, min(workers, len(first)))
        waiting.extend(pool.submit(function, item) for item in first)
        first.clear()
        while waiting:
            result = _result(waiting.popleft())
            waiting.extend(pool.submit(function, item) for item in islice(source, 1))
            yield result
    finally:
        stopped.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _start_threads(pool: ThreadPoolExecutor, count: int) -> None:
    """Start all threads while nothing else takes memory."""
    bytearray(count * _THREAD_BYTES)
    gate = threading.Event()  # a thread that waits is not idle, so each call starts another
    try:
        for _ in range(count):
            pool.submit(gate.wait)
    except RuntimeError as error:  # how Python says that the system gives no more threads
        raise MemoryError(str(error)) from error
    finally:
        gate.set()


def _result(future: Future[Result]) -> Result:
    while True:
        try:
            return future.result(timeout=_WAIT_SECONDS)
        except TimeoutError:
            if future.done():  # the function's own
                return future.result()


class ByteBudget:
    """Bounds what threads hold at once, in bytes, however many threads there are."""

    def __init__(self, size: int) -> None:
        """Set the bound.

        Args:
            size: Bytes in all.
        """
        self._size = size
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def take(self, size: int) -> Iterator[None]:
        """Wait until there is room, and hold it while the block runs.

        Args:
            size: Bytes needed; a block that needs more than the whole budget waits for all of it.
        """
        size = min(size, self._size)
        with self._changed:
            self._changed.wait_for(lambda: self._taken + size <= self._size)
            self._taken += size
        try:
            yield
        finally:
            with self._changed:
                self._taken -= size
                self._changed.notify_all()
