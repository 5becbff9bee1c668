"""Gemini: one call of `generateContent` makes one picture."""

from datetime import UTC, datetime
from threading import Event

from app.adapters.providers import Tools, key_of
from app.adapters.providers.gemini.answer import answer_of
from app.adapters.providers.gemini.body import body_of, images_of
from app.adapters.providers.gemini.faults import FileLost, fault_of
from app.adapters.providers.gemini.files import Files
from app.domain.answers import json_object
from app.domain.deadlines import Deadline
from app.ports.providers import Connection, Provider, ProviderAnswer, ProviderRequest

_MODELS = "/v1beta/models"

_ANSWER_MAX_BYTES = 64 << 20
"""A PNG of 4096 pixels square is 30 MB or more of base64; interim pictures and 600 kB thought signatures come along."""


def create(tools: Tools) -> Provider:
    return Gemini(tools)


class Gemini:
    """Implements ports.providers.Provider."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        key = key_of(request.connection, "Gemini")
        files = Files(self._tools, request, key)
        try:
            return self._generate(request, files, key)
        except FileLost:
            files.forget(images_of(request))
            return self._generate(request, files, key)

    def _generate(self, request: ProviderRequest, files: Files, key: str) -> ProviderAnswer:
        images = images_of(request)
        body = body_of(request, list(zip(images, files.places(images), strict=True)))
        with self._tools.http.session(request.connection, request.deadline, request.cancelled) as http:
            reply = http.send(
                "POST",
                f"{_MODELS}/{request.model}:generateContent",
                headers={"x-goog-api-key": key, "Content-Type": "application/json"},
                body=body,
                max_bytes=_ANSWER_MAX_BYTES,
            )
        if not reply.is_success:
            raise fault_of(reply, key, datetime.now(UTC))
        return answer_of(reply.body, request.model)

    def check(self, connection: Connection, deadline: Deadline) -> None:
        key = key_of(connection, "Gemini")
        with self._tools.http.session(connection, deadline, Event()) as http:
            reply = http.send("GET", _MODELS, headers={"x-goog-api-key": key}, params={"pageSize": "1"})
        if not reply.is_success:
            raise fault_of(reply, key, datetime.now(UTC))
        json_object(reply.body)
