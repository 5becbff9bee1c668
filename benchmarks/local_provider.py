"""Milliseconds that the offline provider takes, decoding and encoding included: `python -m benchmarks.local_provider`.

Prints JSON: for each size in megapixels and each effect or operation the best of `--rounds` runs, and the process's
peak memory in MB.
"""

import argparse
import json
import resource
import time
from collections.abc import Iterator

from app.adapters.images import Images
from app.adapters.providers.local import LocalProvider
from app.adapters.providers.local.effects import EFFECTS
from app.domain.media import Output
from app.ports.providers import ProviderRequest
from tests.adapters.local_provider import request
from tests.pictures import encoded, jpeg, logo_frame, png
from tests.scene import party

SIZES = {"2": (1800, 1200), "24": (6000, 4000)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    provider = LocalProvider(Images())
    times = {size: _measured(provider, jpeg(*sides), rounds) for size, sides in SIZES.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"milliseconds_by_megapixels": times, "peak_memory_mb": peak}, indent=2))


def _measured(provider: LocalProvider, shot: bytes, rounds: int) -> dict[str, int]:
    return {name: min(_once(provider, asked) for _ in range(rounds)) for name, asked in _requests(shot)}


def _once(provider: LocalProvider, asked: ProviderRequest) -> int:
    began = time.perf_counter()
    provider.run(asked)
    return round((time.perf_counter() - began) * 1000)


def _requests(shot: bytes) -> Iterator[tuple[str, ProviderRequest]]:
    output = Output()
    for effect in EFFECTS:
        yield effect, request(shot, "image_edit", effect=effect, strength=80, output=output)
    reference = encoded(party(1200, 800).rotate(180), "JPEG")
    yield "style_transfer", request(shot, "style_transfer", reference, strength=80, output=output)
    frame = png(image=logo_frame(1800, 1200, 90))
    for fit in ("cover", "contain", "stretch"):
        yield f"frame {fit}", request(shot, "frame", frame, fit=fit, output=output)


if __name__ == "__main__":
    main()
