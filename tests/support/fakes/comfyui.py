"""ComfyUI on loopback: uploads, a queue that runs one workflow after another, a history, files."""

import itertools
import json
import uuid
from functools import cache
from typing import Any

from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import TRANSPORT, bad_pictures, half, picture, says
from tests.support.fakes.server import Behaviour, Condition, FakeServer

KEY = None
"""ComfyUI asks for none."""

WORKFLOW: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "%shot%"}, "_meta": {"title": "Shot"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a photo, %prompt%", "clip": ["9", 1]}},
    "3": {"class_type": "KSampler", "inputs": {"seed": "%seed%", "steps": 8, "latent_image": ["1", 0]}},
    "4": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    "5": {"class_type": "SaveImage", "inputs": {"filename_prefix": "%date:yyyy%", "images": ["3", 0]}},
    "9": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "model.safetensors"}},
}
"""Of the editor's export in API format, with the tokens put in."""

WITH_TEMPLATE = {**WORKFLOW, "6": {"class_type": "LoadImage", "inputs": {"image": "%template%"}}}

_NODES = {node["class_type"] for node in WORKFLOW.values()}
_SAVED = {"filename": "ComfyUI_00042_.png", "subfolder": "booth", "type": "output"}
_PREVIEW = {"filename": "preview_00001_.png", "subfolder": "", "type": "temp"}
_SEED_MAX = (1 << 64) - 1


class FakeComfyUi(FakeServer):
    """A workflow has run when its history was asked for `polls` times; the others wait behind it."""

    def __init__(self, *, polls: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self._polls = polls
        self._numbers = itertools.count()
        self._left: dict[str, int] = {}
        self.uploads: dict[str, bytes] = {}
        self.queued: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.interrupted: list[str] = []

    @property
    def running(self) -> str | None:
        return next(iter(self.unfinished), None)

    @property
    def unfinished(self) -> list[str]:
        return [prompt for prompt, left in self._left.items() if left]

    def answer(self, call: Call) -> Reply:
        routes = {
            ("POST", "/upload/image"): self._upload,
            ("POST", "/prompt"): self._prompt,
            ("GET", "/queue"): self._queue,
            ("POST", "/queue"): self._delete,
            ("POST", "/interrupt"): self._interrupt,
            ("GET", "/view"): self._view,
            ("GET", "/system_stats"): lambda _: Reply.json({"system": {"comfyui_version": "0.3.70"}, "devices": []}),
        }
        if call.method == "GET" and call.path.startswith("/history/"):
            return self._history(call.path.removeprefix("/history/"))
        route = routes.get((call.method, call.path))
        return route(call) if route else Reply(404, b"404: Not Found")

    def misbehaviour(self, row: str) -> tuple[Behaviour, Condition] | None:
        """How a row of the table of faults looks here, and which of the three kinds of calls it happens to."""
        return _rows().get(row)

    def enqueue(self, nodes: dict[str, Any]) -> str:
        """As somebody at the computer would; returns the prompt's id."""
        prompt_id = str(uuid.uuid4())
        self._left[prompt_id] = self._polls
        self.queued.append(nodes)
        return prompt_id

    def _upload(self, call: Call) -> Reply:
        fields, file = call.form().to_dict(), call.files().get("image")
        if not file or not file.filename or not set(fields) <= {"type", "overwrite", "subfolder"}:
            return Reply(400)
        if fields.get("type", "input") not in ("input", "temp", "output"):
            return Reply(400)
        name, kind = file.filename, fields.get("type", "input")
        self.uploads[f"{name} [{kind}]"] = file.read()
        return Reply.json({"name": name, "subfolder": "", "type": kind})

    def _prompt(self, call: Call) -> Reply:
        nodes = call.json().get("prompt")
        if not isinstance(nodes, dict):
            return Reply.json({"error": "no prompt", "node_errors": []}, 400)
        if not any(node["class_type"] in ("SaveImage", "PreviewImage") for node in nodes.values()):
            return invalid("Prompt has no outputs")
        for node_id, node in nodes.items():
            if details := self._mistake(node["class_type"], node["inputs"]):
                return invalid("Prompt outputs failed validation", node_id, node["class_type"], details)
        return Reply.json({"prompt_id": self.enqueue(nodes), "number": next(self._numbers), "node_errors": {}})

    def _mistake(self, node: str, inputs: dict[str, Any]) -> str | None:
        if node not in _NODES:
            return f"Cannot execute because node {node} does not exist."
        if node == "LoadImage" and inputs["image"] not in self.uploads:
            return f"image - Invalid image file: {inputs['image']}"
        seed = inputs.get("seed", 0)
        return None if isinstance(seed, int) and 0 <= seed <= _SEED_MAX else "seed: value not in range"

    def _history(self, prompt_id: str) -> Reply:
        if prompt_id == self.running:
            self._left[prompt_id] -= 1
        if self._left.get(prompt_id) != 0:
            return Reply.json({})
        status = {"status_str": "success", "completed": True, "messages": [["execution_success", {}]]}
        return Reply.json({prompt_id: entry({"4": {"images": [_PREVIEW]}, "5": {"images": [_SAVED]}}, **status)})

    def _queue(self, call: Call) -> Reply:
        entries = [[number, prompt, {}, {}, []] for number, prompt in enumerate(self.unfinished)]
        return Reply.json({"queue_running": entries[:1], "queue_pending": entries[1:]})

    def _delete(self, call: Call) -> Reply:
        """Of those that wait; what runs goes on."""
        for prompt_id in call.json()["delete"]:
            if prompt_id in self.unfinished[1:]:
                del self._left[prompt_id]
                self.deleted.append(prompt_id)
        return Reply()

    def _interrupt(self, call: Call) -> Reply:
        if self.running and call.json().get("prompt_id", self.running) == self.running:
            self.interrupted.append(self.running)
            del self._left[self.running]
        return Reply()

    def _view(self, call: Call) -> Reply:
        known = call.query in (_SAVED, _PREVIEW)
        return Reply(200, picture(), {"Content-Type": "image/png"}) if known else Reply(404)


def entry(outputs: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {"prompt": [], "outputs": outputs, "status": status, "meta": {}}


def invalid(message: str, node_id: str = "", node: str = "", details: str = "") -> Reply:
    errors = [{"type": "custom", "message": "Failed to validate", "details": details, "extra_info": {}}]
    nodes = {node_id: {"errors": errors, "dependent_outputs": ["5"], "class_type": node}} if node_id else {}
    error = {"type": "prompt_outputs_failed_validation", "message": message, "details": "", "extra_info": {}}
    return Reply.json({"error": error, "node_errors": nodes}, 400)


def queues(call: Call) -> bool:
    return (call.method, call.path) == ("POST", "/prompt")


def polls(call: Call) -> bool:
    return call.path.startswith("/history/")


def views(call: Call) -> bool:
    return call.path == "/view"


def ending(outputs: dict[str, Any], *messages: Any, status: str = "success") -> Behaviour:
    """The history of a workflow that ended in some other way."""
    told = {"status_str": status, "completed": status == "success", "messages": list(messages)}
    return lambda call, answer, wire: Reply.json({call.path.rpartition("/")[2]: entry(outputs, **told)})


def raising(exception: str, message: str) -> Behaviour:
    event = {"node_id": "3", "node_type": "KSampler", "exception_type": exception, "exception_message": message}
    return ending({}, ["execution_start", {}], ["execution_error", event], status="error")


def _without_id(reply: Reply) -> Reply:
    return Reply.json({**json.loads(reply.body), "prompt_id": None})


@cache
def _rows() -> dict[str, tuple[Behaviour, Condition]]:
    of_queueing = {
        **{row: TRANSPORT[row] for row in ("slow", "hang", "drip", "reset", "overloaded_502", "overloaded_504")},
        "overloaded_500": server.status(500, b"500 Internal Server Error"),
        "overloaded_503": server.status(503, b"<html>No server is available</html>"),
        "key_401": server.status(401, b"<html>Authorization required</html>"),
        "forbidden_403": server.status(403),
        "bad_argument": says(invalid("Prompt outputs failed validation", "9", "CheckpointLoaderSimple", "ckpt_name")),
        "no_reference": server.edit(_without_id),
    }
    of_polling = {
        "reconnect": server.body(b"{}", "application/json"),
        "no_image": ending({"7": {"text": ["a caption"]}}),
        "empty_content": ending({}),
        "cut_json": server.edit(half),
    }
    of_viewing = {
        **{row: TRANSPORT[row] for row in ("html", "redirect", "too_many_bytes")},
        **{row: server.body(data, "image/png") for row, data in bad_pictures().items()},
        "result_gone": server.status(404),
    }
    parts = ((of_queueing, queues), (of_polling, polls), (of_viewing, views))
    return {row: (behaviour, condition) for rows, condition in parts for row, behaviour in rows.items()}
