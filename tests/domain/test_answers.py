"""Providers' answers are read without trust: any bytes, any shape, any words."""

import pytest

from app.domain.answers import QUOTE_MAX, at, decoded, json_object, parsed, quoted
from app.domain.errors import FaultKind, ProviderFault


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object_is_invalid_output_and_may_have_cost(body: bytes) -> None:
    with pytest.raises(ProviderFault) as caught:
        json_object(body)
    assert at(parsed(body), "error", "message") is None
    fault = caught.value
    assert (fault.kind, fault.permanent, fault.may_have_cost) == (FaultKind.INVALID_OUTPUT, False, True)


def test_a_path_leads_to_a_value_or_nowhere() -> None:
    answer = {"data": [{"b64_json": "x"}], "error": "words"}
    assert at(answer, "data", 0, "b64_json") == "x"
    for path in [("data", 1), ("data", "b64_json"), ("error", "code"), ("nothing", "at", "all"), ("data", 0, 0)]:
        assert at(answer, *path) is None, path


def test_base64_is_decoded_strictly() -> None:
    assert decoded("aGVsbG8=") == b"hello"
    for broken in ("aGVsbG8", "aGV sbG8=", "aGVs\nbG8=", "é"):
        with pytest.raises(ProviderFault):
            decoded(broken)


def test_words_become_one_short_line_without_the_key() -> None:
    assert quoted("Incorrect key\r\n\x1b[31m sk-secret\u2028provided.", "sk-secret") == "Incorrect key [31m … provided."
    assert len(quoted("x" * 5000)) == QUOTE_MAX
    assert quoted({"not": "text"}) == quoted(None) == ""


@pytest.mark.parametrize(
    "echo",
    [
        "sk-proj-abcd****wxyz",
        "sk-proj-****************************************wxyz",
        "********wxyz",
        "abcd********",
        "AIzaSyD-abcdefghijklmnopqrstuvwxyz12345",
        "r8_abcdefghijklmnopqrstuvwxyz012345678901",
    ],
)
def test_what_a_provider_leaves_of_a_key_is_masked_too(echo: str) -> None:
    assert quoted(f"Incorrect API key provided: {echo}. See **here**.", "another") == (
        "Incorrect API key provided: …. See **here**."
    )


def test_a_key_at_the_edge_of_the_quotation_is_masked_before_it_is_cut() -> None:
    assert "secret" not in quoted("x" * (QUOTE_MAX - 6) + "secret-key", "secret-key")
