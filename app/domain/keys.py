"""Keys of providers and of bots, wherever somebody quotes them."""

import re

KEY_IN_TEXT = re.compile(
    r"\bAIza[\w-]{30,}|\br8_\w{16,}|\bsk-[\w*-]{16,}|\d{6,}:[\w-]{30,}|\bvk\d\.a\.[\w-]{16,}"
    # VK's older tokens; digests have other lengths
    r"|\b[0-9a-f]{85}\b"
    # OpenAI repeats a key that it refuses with most of it starred out
    r"|[\w-]+\*{3,}[\w*-]*|\*{3,}[\w-][\w*-]*",
    re.IGNORECASE,
)
"""What looks like a key of Gemini, Replicate, OpenAI, VK or a Telegram bot, or like any key that is masked in part."""
