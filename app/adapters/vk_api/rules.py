"""`configs/vk.json`, checked before anything starts."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from app.domain.vk.rules import VkRules

_SCHEMA = Path(__file__).parents[3] / "configs" / "vk.schema.json"


class VkRulesError(ValueError):
    """The file cannot be used; the message has a line for each mistake."""


def load_rules(path: Path) -> VkRules:
    """Read and check the rules. Raises VkRulesError."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise VkRulesError(f"{path}: {error}") from error
    validator = Draft202012Validator(json.loads(_SCHEMA.read_text("utf-8")))
    mistakes = sorted(f"{path}: {error.json_path}: {error.message}" for error in validator.iter_errors(content))
    if mistakes:
        raise VkRulesError("\n".join(mistakes))
    return VkRules(**{name: value for name, value in content.items() if name != "$schema"})
