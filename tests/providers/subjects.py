"""The providers that the table of faults is run against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from json import dumps
from typing import Any

from app.domain.catalogue import Model, Operation, ProviderSpec, check_settings
from app.domain.slot import Step
from tests.providers.requests import catalogue
from tests.support.fakes import comfyui, gemini, openai, replicate, turbotext
from tests.support.fakes.rows import picture
from tests.support.fakes.server import Condition, FakeServer

WORKFLOW = dumps(comfyui.WORKFLOW)


@dataclass(frozen=True)
class Subject:
    """A provider and its fake. `orders`: the calls that ask for a picture, each of which may be billed."""

    id: str
    make: Callable[..., FakeServer]
    key: str
    orders: Condition
    settings: Mapping[str, str] = field(default_factory=dict)

    def fake(self, **options: Any) -> FakeServer:
        """Gives the same small picture as the others do."""
        made = self.make(**options)
        if isinstance(made, gemini.FakeGemini):
            made.picture = picture()
        return made

    @property
    def spec(self) -> ProviderSpec:
        spec = catalogue().provider(self.id)
        assert spec
        return spec

    @property
    def operation(self) -> Operation:
        operation = self.spec.operation("image_edit")
        assert operation
        return operation

    @property
    def step(self) -> Step:
        """An edit of the shot with the catalogue's defaults, where `settings` say nothing else."""
        clean, problems = check_settings(self.operation, {"prompt": "Make them pirates", **self.settings})
        assert not problems
        return Step(self.id, self.operation.id, clean)

    @property
    def model(self) -> Model:
        return self.operation.model(self.step.settings)


SUBJECTS = {
    subject.id: subject
    for subject in (
        Subject("gemini", gemini.FakeGemini, gemini.KEY, gemini.makes_a_picture),
        Subject("openai", openai.FakeOpenAi, openai.KEY, openai.makes_a_picture),
        Subject("turbotext", turbotext.FakeTurbotext, turbotext.KEY, turbotext.is_create),
        Subject("replicate", replicate.FakeReplicate, replicate.KEY, replicate.creates),
        Subject("comfyui", comfyui.FakeComfyUi, "of-a-proxy-before-it", comfyui.queues, {"workflow": WORKFLOW}),
    )
}
