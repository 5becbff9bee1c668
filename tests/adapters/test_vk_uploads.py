"""Files on their way to an upload server, whose address only VK names."""

from collections.abc import Iterator

import pytest

from app.adapters.vk_api import client as client_module
from app.domain.vk.errors import VkFileRefused, VkUploadFailed
from app.ports.vk.api import UploadFile
from tests.adapters.vk_calls import TOKEN, Client, NoPace, Vk, failing
from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Behaviour

ONE = {"photo": UploadFile("photo.jpg", b"\xff\xd8one")}
TAKEN = {"server": 857001, "photo": "[{}]", "hash": "abc"}


class UploadServer(Vk):
    def answer(self, call: Call) -> Reply:
        return Reply.json(TAKEN)


@pytest.fixture
def vk() -> Iterator[UploadServer]:
    with UploadServer() as running:
        yield running


@pytest.fixture
def client(vk: UploadServer) -> Client:
    return Client(vk.url, NoPace())


def test_files_go_by_field_as_jpegs_and_without_a_token(vk: UploadServer, client: Client) -> None:
    two = {"file1": UploadFile("photo1.jpg", b"\xff\xd81"), "file2": UploadFile("photo2.jpg", b"\xff\xd82")}
    assert client.upload(f"{vk.url}/upload/17?act=do_add", two) == TAKEN
    [call] = vk.calls
    assert (call.method, call.path, call.query) == ("POST", "/upload/17", {"act": "do_add"})
    sent = {name: (part.filename, part.mimetype, part.read()) for name, part in call.files().items()}
    assert sent == {
        "file1": ("photo1.jpg", "image/jpeg", b"\xff\xd81"),
        "file2": ("photo2.jpg", "image/jpeg", b"\xff\xd82"),
    }
    assert TOKEN.value not in f"{call.headers} {call.body!r}"


TROUBLES = {
    "page": server.html(),
    "gateway": server.status(502, b"<html>Bad gateway"),
    "too large": server.status(413, b"<html>Too large"),
    "half a line": server.body(b'{"server": 857001, "photo"', "application/json"),
    "nothing": server.body(b"", "application/json"),
    "list": server.body(b"[]", "application/json"),
    "object": server.body(b"{}", "application/json"),
    "deep": server.body(b"[" * 60_000, "application/json"),
    "said": server.body(b'{"error": "ERR_UPLOAD_TIMEOUT"}', "application/json"),
    "said oddly": server.body(b'{"error": {"error_code": 1}}', "application/json"),
    "moved": server.redirect("https://elsewhere.example/"),
    "cut": server.cut_short(),
    "reset": server.reset(),
    "huge": server.huge(2 << 20, content_type="application/json"),
}


@pytest.mark.parametrize("behaviour", TROUBLES.values(), ids=TROUBLES)
def test_whatever_goes_wrong_may_be_begun_anew(vk: UploadServer, client: Client, behaviour: Behaviour) -> None:
    vk.misbehave(behaviour)
    with failing(VkUploadFailed) as caught:
        client.upload(vk.url, ONE)
    assert (caught.value.is_permanent, caught.value.is_unknown, len(vk.calls)) == (False, False, 1)


@pytest.mark.parametrize("behaviour", [server.hang(), server.drip()], ids=["hang", "drip"])
def test_a_server_that_does_not_answer_is_left(
    vk: UploadServer, client: Client, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_UPLOAD_SECONDS", 0.3)
    vk.misbehave(behaviour)
    with failing(VkUploadFailed):
        client.upload(vk.url, ONE)


def test_a_picture_that_the_server_will_not_have_is_no_matter_of_luck(vk: UploadServer, client: Client) -> None:
    vk.misbehave(server.body(b'{"error": "ERR_UPLOAD_BAD_IMAGE_SIZE: max 14000"}', "application/json"))
    with failing(VkFileRefused) as caught:
        client.upload(vk.url, ONE)
    assert caught.value.is_permanent
    assert caught.value.message == "VK's upload server says: ERR_UPLOAD_BAD_IMAGE_SIZE: max 14000"


@pytest.mark.parametrize(
    "url",
    [
        "http://pu.vk.com/upload",
        "https://pu.vk.com:8443/upload",
        "http://127.0.0.1:1/upload",
        "https://127.0.0.1/upload",
        "https://10.0.0.7/upload",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/upload",
        "https://[::ffff:127.0.0.1]/upload",
        "https://localhost/upload",
        "https://me:word@pu.vk.com/upload",
        "https://2130706433/upload",
        "ftp://pu.vk.com/upload",
        "file:///etc/passwd",
        "//pu.vk.com/upload",
        "/upload",
        "https://pu.vk.com\\@10.0.0.7/",
        "https://pu.vk.com/ upload",
        "https://",
        "",
    ],
)
def test_files_leave_for_the_internet_under_tls_only(client: Client, url: str) -> None:
    with failing(VkUploadFailed):
        client.upload(url, ONE)


def test_what_runs_at_another_port_of_the_api_host_gets_no_file(vk: UploadServer, client: Client) -> None:
    with UploadServer() as another, failing(VkUploadFailed):
        client.upload(f"{another.url}/upload", ONE)
    assert another.calls == []
