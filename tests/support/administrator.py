"""An administrator's program, for tests of whole installations: it speaks the API with a bearer token."""

from typing import Any

import requests

from tests.support.installation import ADMIN_PASSWORD, Installation


class Administrator:
    def __init__(self, house: Installation) -> None:
        self._url = house.url
        self._http = requests.Session()
        token = self._call("POST", "/api/login", {"username": "serg", "password": ADMIN_PASSWORD})["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        house.secrets.append(token)

    def set_up(self, slot_id: str, provider: str, *fallbacks: str, **settings: Any) -> None:
        """Let the slot edit its shots with the provider, and with those after it where that one fails."""
        version = self._call("GET", f"/api/slots/{slot_id}")["version"]
        steps = [{"provider": name, "operation": "image_edit"} for name in fallbacks]
        step = {"provider": provider, "operation": "image_edit", "settings": settings}
        self._call("PUT", f"/api/slots/{slot_id}", {**step, "fallbacks": steps, "version": version})

    def give_key(self, provider: str, key: str) -> None:
        self._call("PUT", "/api/settings", {"providers": {provider: {"api_key": key}}})

    def job(self, job_id: str) -> dict[str, Any]:
        return self._call("GET", f"/api/jobs/{job_id}")

    def attempts(self, job_id: str) -> list[dict[str, Any]]:
        """The calls of providers in the job's story."""
        return [event["detail"] for event in self.job(job_id)["timeline"] if event["event"] == "attempt"]

    def alerts(self) -> str:
        """What stands above every page, as HTML."""
        answer = self._http.get(f"{self._url}/alerts", timeout=10)
        answer.raise_for_status()
        return answer.text

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, f"{self._url}{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        content: dict[str, Any] = answer.json()
        return content
