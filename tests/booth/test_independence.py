import json
import subprocess
import sys

_IMPORTED = """
import json, sys
import app.booth.command
print(json.dumps([name for name in sys.modules if name.startswith("app.") and not name.startswith("app.booth")]))
"""


def test_the_simulator_uses_nothing_of_the_server_it_tests() -> None:
    assert json.loads(subprocess.check_output([sys.executable, "-c", _IMPORTED])) == []
