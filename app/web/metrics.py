"""What this process counts for Prometheus."""

import time

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

INGEST_ANSWERS = Counter("photochanger_ingest_answers", "Answers to booths by HTTP status.", ["status"])
INGEST_SECONDS = Histogram(
    "photochanger_ingest_seconds",
    "Time from request to answer.",
    buckets=(0.25, 0.5, 1, 2, 5, 10, 15, 20, 30, 40, 45, 50, 60),
)
REQUEST_SECONDS = Histogram("photochanger_request_seconds", "Time of other requests.", ["endpoint"])


def register_metrics(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    seconds = seconds_so_far()
    if request.endpoint == "ingest.receive":
        INGEST_ANSWERS.labels(str(response.status_code)).inc()
        INGEST_SECONDS.observe(seconds)
    elif request.endpoint:
        REQUEST_SECONDS.labels(request.endpoint).observe(seconds)
    return response


def seconds_so_far() -> float:
    """How long this request has taken until now."""
    now = time.monotonic()
    return now - float(g.get("began", now))
