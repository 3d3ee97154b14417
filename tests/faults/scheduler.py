"""Threads, locks and clocks that a seed decides: one real thread, simulated time, any interleaving.

Code that uses ``time``, ``threading``, ``SimpleQueue`` and ``ThreadPoolExecutor`` runs on the
stand-ins of a :class:`World` unchanged. Each of its threads is a greenlet that gives way where it
waits and at every :meth:`World.step`; who goes next is drawn. So is the step at which the whole
process dies: nothing that it would do afterwards has an effect.
"""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from math import inf
from queue import Empty
from types import SimpleNamespace
from typing import Any, Generic, Self, TypeVar

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

T = TypeVar("T")
#: Turns after which a life is taken to go round in circles.
_MOST_TURNS = 50_000


class Died(BaseException):
    """The process is dead; no code of its own can catch that with any effect."""


class Stuck(Exception):
    """Everybody waits for ever, or the process works for ever."""


@dataclass(eq=False)
class _Task:
    """A thread: what it waits for, and at most until when."""

    body: greenlet
    ready: Callable[[], bool] = lambda: True
    due: float = inf


@dataclass(eq=False)
class World:
    """The time and the threads of one schedule.

    Attributes:
        chance: Decides everything.
        now: Seconds of a clock that nobody sets, begun as Unix seconds.
        set_by_s: How far the machine's clock was set away from it.
        steps: Since the present life began.
        failures: What threads died of, past those that died with the process.
    """

    chance: random.Random
    now: float
    set_by_s: float = 0.0
    steps: int = 0
    failures: list[BaseException] = field(default_factory=list)
    _death_at: int | None = None
    _dead: bool = False
    _tasks: list[_Task] = field(default_factory=list)
    _scheduler: greenlet = field(default_factory=getcurrent)

    def live(self, work: Callable[[], T], death_at: int | None = None) -> T:
        """Runs a process to its end; gives its result.

        Args:
            work: Its main thread.
            death_at: The step at which it dies.

        Raises:
            Died: It did.
            Stuck: It would never end.
        """
        self.steps, self._death_at, self._dead = 0, death_at, False
        main: Future[T] = Future()
        self.spawn(partial(_fulfil, main, work))
        try:
            for _ in range(_MOST_TURNS):
                if main.done() and not self._dead:
                    return main.result()
                self._turn()
            raise Stuck(f"No end after {_MOST_TURNS} turns.")
        finally:
            self._bury()

    def step(self) -> None:
        """A place where the process may die, and where another thread may go first."""
        self._live_on()
        self.steps += 1
        if self.steps == self._death_at:
            self._dead = True
            raise Died
        self.wait(lambda: True)

    def wait(self, ready: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Gives way until something is so, or time is up; tells whether it is so."""
        self._live_on()
        mine = next(task for task in self._tasks if task.body is getcurrent())
        mine.ready = ready
        mine.due = inf if timeout_s is None else self.now + timeout_s
        self._scheduler.switch()
        self._live_on()
        return ready()

    def sleep(self, seconds: float) -> None:
        """As ``time.sleep``."""
        self.wait(lambda: False, seconds)

    def spawn(self, work: Callable[[], None]) -> Callable[[], bool]:
        """Starts a thread; gives what tells whether it has ended."""
        task = _Task(greenlet(partial(self._watched, work), self._scheduler))
        self._tasks.append(task)
        return lambda: task.body.dead

    @property
    def time(self) -> Any:
        """In the place of the module ``time``."""
        return SimpleNamespace(
            time=lambda: self.now + self.set_by_s, monotonic=lambda: self.now, sleep=self.sleep
        )

    @property
    def threading(self) -> Any:
        """In the place of the module ``threading``."""
        return SimpleNamespace(
            Thread=partial(_Thread, self), Event=partial(_Event, self), Lock=threading.Lock
        )

    @property
    def queue(self) -> Any:
        """In the place of the class ``SimpleQueue``."""
        return partial(_Queue, self)

    @property
    def pool(self) -> Any:
        """In the place of the class ``ThreadPoolExecutor``."""
        return partial(_Pool, self)

    def _live_on(self) -> None:
        if self._dead:
            raise Died

    def _watched(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Died:
            pass
        except BaseException as error:  # noqa: BLE001 - told at the schedule's end
            if not self._dead:
                self.failures.append(error)

    def _turn(self) -> None:
        ready = [task for task in self._tasks if task.due <= self.now or task.ready()]
        if not ready:
            self.now = min(task.due for task in self._tasks)
            if self.now == inf:
                raise Stuck("Every thread waits for another.")
            return
        self.chance.choice(ready).body.switch()
        if self._dead:
            raise Died
        self._tasks = [task for task in self._tasks if not task.body.dead]

    def _bury(self) -> None:
        """Ends what still waits, without effect: every step and every wait is its last."""
        self._dead = True
        for task in self._tasks:
            if task.body:  # has begun, and not ended
                task.body.throw(Died())
        self._tasks = []


def _fulfil(future: "Future[T]", work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except Died:
        raise
    except BaseException as error:  # noqa: BLE001 - as an executor does
        future.set_exception(error)


class _Thread:
    def __init__(self, world: World, target: Callable[[], Any], **_named: Any):
        self._world, self._target = world, target
        self._ended: Callable[[], bool] = lambda: False

    def start(self) -> None:
        self._ended = self._world.spawn(self._target)

    def join(self) -> None:
        self._world.wait(self._ended)


class _Event:
    def __init__(self, world: World) -> None:
        self._world, self._set = world, False

    def set(self) -> None:
        self._set = True

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float | None = None) -> bool:
        return self._world.wait(self.is_set, timeout)


class _Queue(Generic[T]):
    def __init__(self, world: World) -> None:
        self._world, self._entries = world, deque[T]()

    def put(self, entry: T) -> None:
        self._entries.append(entry)

    def get(self, timeout: float | None = None) -> T:
        if not self._world.wait(lambda: bool(self._entries), timeout):
            raise Empty
        return self._entries.popleft()

    def empty(self) -> bool:
        return not self._entries


class _Pool:
    """Threads that end when nothing is left to do; the real ones would idle."""

    def __init__(self, world: World, most: int, _name: str = ""):
        self._world, self._most = world, most
        self._left: deque[Callable[[], None]] = deque()
        self._working = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._world.wait(lambda: not self._working)

    def submit(self, work: Callable[..., T], *arguments: Any) -> "Future[T]":
        future: Future[T] = Future()
        self._left.append(partial(_fulfil, future, partial(work, *arguments)))
        if self._working < self._most:
            self._working += 1
            self._world.spawn(self._work)
        return future

    def map(self, work: Callable[..., T], *arguments: Iterable[Any]) -> Iterator[T]:
        futures = [self.submit(work, *each) for each in zip(*arguments, strict=False)]
        for future in futures:
            self._world.wait(future.done)
            yield future.result()

    def _work(self) -> None:
        try:
            while self._left:
                self._left.popleft()()
        finally:
            self._working -= 1
