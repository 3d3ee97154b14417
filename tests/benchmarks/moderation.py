"""How long the list of words takes for a prompt of 500 characters, in milliseconds.

    python -m tests.benchmarks.moderation --json

``ascii_ms`` is a plain prompt, ``folded_ms`` one with look-alike letters and accents that has more
readings; both have words that were not seen before. ``load_ms`` is the list itself, once a process.
"""

import argparse
import json
import time
from collections.abc import Iterator
from statistics import median

from pressrun.moderation.words import Moderator, moderator

_LENGTH = 500
_PLAIN = "an old boat in a quiet harbour with peeling paint under a wide sky and soft light "
_HARD = "an \u043eld b-oat, qui\u00e9t h4rbour; p.a.i.n.t w i d e sky & s*ft l1ght, f/1.8 "


def measure(count: int) -> dict[str, float]:
    """The median milliseconds of ``count`` different prompts of either sort."""
    begun = time.perf_counter()
    words = moderator()
    load_ms = (time.perf_counter() - begun) * 1000
    return {
        "load_ms": load_ms,
        "ascii_ms": _median_ms(words, _prompts(_PLAIN, count)),
        "folded_ms": _median_ms(words, _prompts(_HARD, count)),
    }


def _prompts(words: str, count: int) -> Iterator[str]:
    for number in range(count):
        tail = f" new{number}one other{number}"
        yield (words * 20)[: _LENGTH - len(tail)] + tail


def _median_ms(words: Moderator, prompts: Iterator[str]) -> float:
    times = []
    for prompt in prompts:
        begun = time.perf_counter()
        words.check(prompt)
        times.append(time.perf_counter() - begun)
    return median(times) * 1000


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {name: round(ms, 3) for name, ms in measure(options.count).items()}
    lines = [json.dumps(figures)] if options.json else [f"{n}: {ms}" for n, ms in figures.items()]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
