"""Which item is made next: an equal share for every model; as many in work as are allowed now."""

import threading
import time

from pressrun.batches.item_queue import ItemQueue, ItemSlots, WaitingItem


def item(row: int, model: str) -> WaitingItem:
    key = f"{model}{row}"
    return WaitingItem(key, key, model)


def of(models: str, rows: int) -> list[WaitingItem]:
    return [item(row, model) for row in range(1, rows + 1) for model in models]


def taken(queue: ItemQueue, count: int) -> list[str]:
    return [one.key for _ in range(count) if (one := queue.next())]


def test_items_begin_in_their_order_while_every_model_has_a_slot() -> None:
    queue = ItemQueue(of("ab", 2), lambda: 4)
    assert taken(queue, 4) == ["a1", "b1", "a2", "b2"]
    assert queue.next() is None


def test_a_model_that_hangs_keeps_its_own_share_and_no_more() -> None:
    queue, done = ItemQueue(of("abc", 3), lambda: 3), []
    for _ in range(7):  # the items of b never end
        one = queue.next()
        assert one
        done.append(one.key)
        if one.model != "b":
            queue.done(one)
    assert done == ["a1", "b1", "c1", "a2", "c2", "a3", "c3"]


def test_slots_are_shared_evenly_and_what_is_left_over_stays_free() -> None:
    queue = ItemQueue(of("ab", 9), lambda: 5)
    assert taken(queue, 4) == ["a1", "b1", "a2", "b2"]
    waiting = threading.Thread(target=queue.next, daemon=True)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    queue.done(item(1, "b"))
    waiting.join(10)
    assert not waiting.is_alive()


def test_with_fewer_slots_than_models_each_still_has_one() -> None:
    queue = ItemQueue(of("abc", 2), lambda: 1)
    assert taken(queue, 3) == ["a1", "b1", "c1"]


def test_more_slots_are_noticed_while_somebody_waits() -> None:
    allowed = [2]
    queue, found = ItemQueue(of("ab", 2), lambda: allowed[0]), []
    taken(queue, 2)
    waiting = threading.Thread(target=lambda: found.extend(taken(queue, 2)), daemon=True)
    waiting.start()
    allowed[0] = 4
    waiting.join(10)
    assert found == ["a2", "b2"]


def test_a_single_queue_holds_nobody_back() -> None:
    queue = ItemQueue(of("a", 50), lambda: 1)
    assert len(taken(queue, 50)) == 50


def test_no_more_are_in_work_than_are_allowed_also_when_that_changes() -> None:
    slots, lock = ItemSlots(2), threading.Lock()
    inside, most = 0, 0
    entered = threading.Semaphore(0)
    done = threading.Event()

    def work() -> None:
        nonlocal inside, most
        slots.acquire()
        with lock:
            inside += 1
            most = max(most, inside)
        entered.release()
        done.wait(10)
        with lock:
            inside -= 1
        slots.release()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert entered.acquire(timeout=10)
    assert not entered.acquire(timeout=0.2)
    slots.allow(5)
    for _ in range(3):
        assert entered.acquire(timeout=10)
    slots.allow(0)  # at least one
    done.set()
    deadline = time.monotonic() + 10
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        assert not thread.is_alive()
    assert most == 5
    assert slots.allowed == 1
