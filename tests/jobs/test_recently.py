"""Tests of the memory of what was seen lately."""

from bot.jobs.recently import Recently


class Clock:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def test_a_key_is_new_once() -> None:
    """What was seen is known, with what it was seen with."""
    memory: Recently[str] = Recently(10, Clock())

    assert memory.is_new("a", "first")
    assert not memory.is_new("a", "second")
    assert "first" == memory.get("a")
    assert memory.get("b") is None


def test_keys_are_forgotten_in_time() -> None:
    """After the lifetime a key is new again, and takes no room."""
    clock = Clock()
    memory: Recently[bool] = Recently(10, clock)
    memory.put("a", True)  # noqa: FBT003 - the value that is remembered
    clock.now += 11

    assert memory.get("a") is None
    assert 0 == len(memory)


def test_the_memory_is_bounded() -> None:
    """Of too many keys the oldest are forgotten first."""
    memory: Recently[int] = Recently(10, Clock(), most=2)
    for number, key in enumerate("abc"):
        memory.put(key, number)

    assert [None, 1, 2] == [memory.get(key) for key in "abc"]
