"""ComfyUI: the studio's own graphics card runs the workflow that the slot brings.

Calls: docs.comfy.org/development/comfyui-server/comms_routes, November 2026; those used here are the same since 2024.
"""

import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Event
from typing import Any

from app.adapters.polling import fetched
from app.adapters.providers import Tools
from app.domain.answers import at, json_object, parsed, quoted
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.statuses import fault_of_status
from app.ports.providers import Connection, HttpReply, HttpSession, InputImage, ProviderAnswer, ProviderRequest

_TOKEN = re.compile(r"%(shot|template|prompt|seed)%")
_SEEDS = 1 << 32
_ANSWER_MAX_BYTES = 16 << 20  # the queue and the history repeat whole workflows
_PICTURE_MAX_BYTES = 64 << 20
_POLL_SECONDS = 0.4
_WITHDRAW_SECONDS = 1.0


def create(tools: Tools) -> "ComfyUi":
    return ComfyUi(tools)


class ComfyUi:
    """Implements ports.providers.Provider.

    Whatever ends without its picture is taken off the queue or interrupted: it would keep the next photo waiting.
    """

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        workflow = _workflow(request)
        with self._http.session(request.connection, request.deadline, request.cancelled) as http:
            line = _Line(http, request.connection)
            prompt_id = _queue(line, _filled(workflow, _values(line, request)))
            try:
                return ProviderAnswer(_picture(line, request, prompt_id), prompt_id)
            except ProviderFault as fault:
                fault.request_id, fault.may_have_cost = prompt_id, True
                self._withdraw(request.connection, prompt_id)
                raise

    def check(self, connection: Connection, deadline: Deadline) -> None:
        with self._http.session(connection, deadline, Event()) as http:
            _Line(http, connection).ask("GET", "/system_stats")

    def _withdraw(self, connection: Connection, prompt_id: str) -> None:
        """An older ComfyUI interrupts whatever is running, so it is told to only if that is ours."""
        spare = Deadline(time.monotonic() + _WITHDRAW_SECONDS)
        with suppress(ProviderFault), self._http.session(connection, spare, Event()) as http:
            line = _Line(http, connection)
            line.send("POST", "/queue", json={"delete": [prompt_id]})
            running = line.ask("GET", "/queue").get("queue_running")
            if isinstance(running, list) and any(at(entry, 1) == prompt_id for entry in running):
                line.send("POST", "/interrupt", json={"prompt_id": prompt_id})


class _Line:
    """Calls of a server that asks for no key, unless a proxy in front of it does."""

    def __init__(self, http: HttpSession, connection: Connection) -> None:
        self._http = http
        self._key = connection.api_key
        self._headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def send(self, method: str, url: str, *, max_bytes: int = _ANSWER_MAX_BYTES, **content: Any) -> HttpReply:
        return self._http.send(method, url, headers=self._headers, max_bytes=max_bytes, **content)

    def ask(self, method: str, url: str, **content: Any) -> dict[str, Any]:
        """A successful answer's JSON object; raises ProviderFault."""
        reply = self.send(method, url, **content)
        if reply.is_success:
            return json_object(reply.body, reply.status)
        kind = FaultKind.BAD_ARGUMENT if reply.status in (404, 405) else None  # something else has the address
        words = quoted(_complaint(parsed(reply.body)), self._key) or "no reason given"
        raise fault_of_status(reply.status, f"ComfyUI answered {reply.status}: {words}", reply.headers, kind=kind)


def _workflow(request: ProviderRequest) -> dict[str, Any]:
    """The nodes by id, checked for what this driver relies on."""
    text = str(request.settings.get("workflow"))
    found = parsed(text.encode())
    if isinstance(at(found, "nodes"), list):
        raise _refused("The workflow is as the editor saves it: export it with File > Export (API).")
    nodes: dict[str, Any] = found if isinstance(found, dict) else {}
    are_nodes = (isinstance(at(n, "class_type"), str) and isinstance(at(n, "inputs"), dict) for n in nodes.values())
    if not nodes or not all(are_nodes):
        raise _refused("The workflow is no JSON of ComfyUI's API format.")
    for name in ("shot", *request.templates):
        if f"%{name}%" not in text:
            raise _refused(f"No node of the workflow takes the picture %{name}%.")
    return nodes


def _values(line: _Line, request: ProviderRequest) -> dict[str, Any]:
    """What the tokens stand for. Pictures are uploaded to the folder that ComfyUI empties at its start."""
    pictures = {"shot": request.shot, **request.templates}
    seed = request.settings.get("seed")
    return {
        "prompt": request.settings.get("prompt", ""),
        "seed": secrets.randbelow(_SEEDS) if seed is None else seed,
        **{name: _upload(line, image, f"{request.job_id}-{name}") for name, image in pictures.items()},
    }


def _upload(line: _Line, image: InputImage, name: str) -> str:
    """The picture's name as nodes that load pictures understand it."""
    file = (f"{name}.{image.mime_type.removeprefix('image/')}", image.data, image.mime_type)
    form = {"type": "temp", "overwrite": "true"}
    stored = line.ask("POST", "/upload/image", files=[("image", file)], form=form)
    path = "/".join(str(part) for part in (stored.get("subfolder"), stored.get("name")) if part)
    return f"{path} [{stored.get('type')}]"


def _filled(workflow: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    def put(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        whole = _TOKEN.fullmatch(value)  # a seed alone stays a number
        return values.get(whole[1], value) if whole else _TOKEN.sub(lambda m: str(values.get(m[1], m[0])), value)

    return {
        node_id: {**node, "inputs": {name: put(value) for name, value in node["inputs"].items()}}
        for node_id, node in workflow.items()
    }


def _queue(line: _Line, workflow: dict[str, Any]) -> str:
    prompt_id = line.ask("POST", "/prompt", json={"prompt": workflow}).get("prompt_id")
    if not isinstance(prompt_id, str) or not re.fullmatch(r"[\w-]{1,64}", prompt_id, re.ASCII):
        raise ProviderFault(FaultKind.NO_REFERENCE, "ComfyUI did not say what it queued.", permanent=True, status=200)
    return prompt_id


def _picture(line: _Line, request: ProviderRequest, prompt_id: str) -> bytes:
    place = _place(_ended(line, request, prompt_id))
    return fetched(lambda: _view(line, place), lambda: _pause(request))


def _view(line: _Line, place: Mapping[str, str]) -> HttpReply:
    return line.send("GET", "/view", params=place, max_bytes=_PICTURE_MAX_BYTES)


def _ended(line: _Line, request: ProviderRequest, prompt_id: str) -> Any:
    """The history's entry of a workflow that has run to its end."""
    while True:
        entry = line.ask("GET", f"/history/{prompt_id}").get(prompt_id)
        if at(entry, "status", "status_str") == "error":
            raise _failure(entry)
        if entry is not None:
            return entry
        _pause(request)


def _pause(request: ProviderRequest) -> None:
    request.cancelled.wait(min(_POLL_SECONDS, request.deadline.remaining(time.monotonic())))


def _place(entry: Any) -> dict[str, str]:
    """Where the last picture lies that a node saved, else the last one of a preview."""
    outputs = at(entry, "outputs")
    lists = [at(node, "images") for node in outputs.values()] if isinstance(outputs, dict) else []
    files = [file for files in lists if isinstance(files, list) for file in files if at(file, "filename")]
    if not files:
        message = "The workflow ended without a picture: it needs a node that saves or previews one."
        raise ProviderFault(FaultKind.NO_IMAGE, message, permanent=True, status=200)
    chosen = ([file for file in files if at(file, "type") == "output"] or files)[-1]
    return {name: str(at(chosen, name) or "") for name in ("filename", "subfolder", "type")}


def _failure(entry: Any) -> ProviderFault:
    """A card without memory or an interruption may not be there next time; anything else is the workflow's."""
    messages = at(entry, "status", "messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    words = quoted(f"{at(last, 1, 'node_type') or 'a node'}: {at(last, 1, 'exception_message') or at(last, 0)}")
    passes = at(last, 0) == "execution_interrupted" or "OutOfMemory" in str(at(last, 1, "exception_type"))
    kind = FaultKind.OVERLOADED if passes else FaultKind.BAD_ARGUMENT
    return ProviderFault(kind, f"The workflow failed in {words}", permanent=not passes, status=200)


def _complaint(told: Any) -> str:
    """What ComfyUI has against a workflow: its error, and the first thing that is wrong with a node."""
    nodes = at(told, "node_errors")
    first = next(iter(nodes.values()), None) if isinstance(nodes, dict) else None
    error = at(told, "error", "message") or at(told, "error")
    parts = (error, at(first, "class_type"), at(first, "errors", 0, "details"))
    return ", ".join(part for part in parts if isinstance(part, str) and part)


def _refused(message: str) -> ProviderFault:
    return ProviderFault(FaultKind.BAD_ARGUMENT, message, permanent=True)
