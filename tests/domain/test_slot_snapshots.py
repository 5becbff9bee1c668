"""What a job carries of its slot says everything a worker needs, and survives the way through the database."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.domain.media import ASPECTS, CORNERS, OUTPUT_FORMATS, OVERLAY_PLACES, Output
from app.domain.slot import (
    CONTENT_BLOCKED_CHOICES,
    Keeping,
    Policy,
    Publishing,
    Slot,
    Step,
    output_of,
    policy_of,
    steps_of,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
names = st.text(max_size=20)
values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), names)
steps = st.builds(Step, names, names, st.dictionaries(names, values, max_size=4))
outputs = st.builds(
    Output,
    st.sampled_from(OUTPUT_FORMATS),
    st.integers(1, 100),
    st.one_of(st.none(), st.integers(64, 12_000)),
    st.sampled_from(ASPECTS),
    st.one_of(st.none(), st.uuids().map(str)),
    st.sampled_from(OVERLAY_PLACES),
    st.one_of(st.none(), st.sampled_from(CORNERS)),
)
policies = st.builds(
    Policy, st.sampled_from(CONTENT_BLOCKED_CHOICES), st.booleans(), st.one_of(st.none(), st.floats(0.001, 100))
)


@given(step=steps, fallbacks=st.lists(steps, max_size=3).map(tuple), output=outputs, policy=policies)
def test_chain_output_and_policy_come_back_from_json(
    step: Step, fallbacks: tuple[Step, ...], output: Output, policy: Policy
) -> None:
    slot = Slot("slot-001", "Slot", step, fallbacks, output, policy, Keeping(), Publishing(), True, 1, None, NOW)
    snapshot = json.loads(json.dumps(slot.snapshot()))
    assert steps_of(snapshot) == [step, *fallbacks]
    assert output_of(snapshot) == output
    assert policy_of(snapshot) == policy


def test_a_snapshot_does_not_follow_the_slot() -> None:
    settings = {"strength": 50}
    step = Step("p", "o", settings)
    slot = Slot("slot-001", "Slot", step, (), Output(), Policy(), Keeping(), Publishing(), True, 1, None, NOW)
    snapshot = slot.snapshot()
    settings["strength"] = 100
    assert steps_of(snapshot)[0].settings == {"strength": 50}
