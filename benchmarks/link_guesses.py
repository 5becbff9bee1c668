"""Whether the time of an answer tells how near a guess came to the address of a gallery; a table in Markdown.

    python -m benchmarks.link_guesses [--rounds 400]

One real web process and one visitor. Each round asks for every kind of wrong token once, in an order of its own, so
that whatever else the machine does falls on all of them alike. What counts is how far the medians lie apart, beside how
far the times of one kind do.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import requests

from app.config import load_settings
from benchmarks.servers import scratch_database
from tests.support.installation import Installation, installation
from tests.support.quick_wiring import QuickWiring

OFTEN = 10
"""Rounds after which the misses are forgotten: who has too many of them is refused."""


def guesses(house: Installation) -> dict[str, str]:
    """Tokens by their kind; beside them there is a link that each of the last ones is near to."""
    wiring = QuickWiring(load_settings(house.environment), role="benchmark")
    links = wiring.services().share_links
    token = links.token_of(links.create({"slot_id": "slot-001", "expires_in_days": 7}, "serg"))
    wiring.database.close()
    assert token
    other = "B" if token[-1] == "A" else "A"
    return {
        "unknown": "A" * 43,
        "malformed": "'; --",
        "too short": token[:-1],
        "wrong at its first character": other + token[1:],
        "wrong at its last character": token[:-1] + other,
    }


def times(house: Installation, rounds: int) -> dict[str, list[float]]:
    """Milliseconds by the kind of guess."""
    tokens, session = guesses(house), requests.Session()
    taken: dict[str, list[float]] = {kind: [] for kind in tokens}
    for number in range(rounds):
        if number % OFTEN == 0:
            house.ledger.ask("DELETE FROM throttle")
        for kind in random.sample(sorted(tokens), len(tokens)):
            began = time.perf_counter()
            answer = session.get(f"{house.url}/s/{tokens[kind]}", timeout=30)
            taken[kind].append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 404, answer.status_code
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args().rounds
    with scratch_database() as url, tempfile.TemporaryDirectory() as folder, installation(url, Path(folder)) as house:
        house.start_web()
        taken = times(house, rounds)
    print("| token | median, ms | quartiles, ms |\n| --- | --- | --- |")
    for kind, each in taken.items():
        low, _, high = quantiles(each, n=4)
        print(f"| {kind} | {median(each):.2f} | {low:.2f}–{high:.2f} |")
    medians = [median(each) for each in taken.values()]
    print(f"\nThe medians lie {max(medians) - min(medians):.2f} ms apart.")


if __name__ == "__main__":
    main()
