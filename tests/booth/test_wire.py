"""The request of the booth program, held against its capture."""

import io
from email.parser import BytesParser

import pytest

from app.booth.wire import CAPTURED_PARTS, Request, Shot, booth_parts, build_request

BOUNDARY = "------------090306000104030805010400"
URL = "http://localhost:8000/ingest/slot-001?session=42"
PHOTO = Shot("IMG_0003.JPG", b"\xff\xd8\xff" + bytes(51_974))


def parts_of(request: Request) -> list[tuple[str, str | None, bytes]]:
    """(name, file name, content) of each part, read by a parser that is not ours."""
    head = next(line for line in request.head.split(b"\r\n") if line.startswith(b"content-type: "))
    message = BytesParser().parse(io.BytesIO(head + b"\r\n\r\n" + request.body))
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part.get_payload(decode=True),  # type: ignore[misc]
        )
        for part in message.get_payload()  # type: ignore[union-attr]
    ]


class TestCapture:
    def test_the_head_is_the_captured_one(self) -> None:
        without_password = [part for part in CAPTURED_PARTS if part[0] != "password"]

        request = build_request(URL, without_password, PHOTO, boundary=BOUNDARY)

        assert request.head == (
            b"POST /ingest/slot-001?session=42 HTTP/1.1\r\n"
            b"host: localhost:8000\r\n"
            b"content-type: multipart/form-data; boundary=------------090306000104030805010400\r\n"
            b"content-length: 53205\r\n"
            b"expect: 100-continue\r\n"
            b"\r\n"
        )

    def test_the_body_is_the_captured_one(self) -> None:
        request = build_request(URL, CAPTURED_PARTS, Shot("IMG_0003.JPG", b"PHOTO"), boundary=BOUNDARY)

        assert (
            request.body
            == "\r\n".join(
                [
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="time"',
                    "",
                    "1758217512",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="user_id"',
                    "",
                    "Acer",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="id"',
                    "",
                    "CY04N068111304S2L_00000001.",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="profile"',
                    "",
                    r"C:\Users\Acer\Documents\PhotoboothImages\setup_Serg.xml",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="status"',
                    "",
                    r"C:\Users\Acer\Documents\PhotoboothImages\screenSerg\preview.jpg",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="hash"',
                    "",
                    "7b6c683e1d3fd29c8701791c54e3c12a236f5a5b",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="name"',
                    "",
                    "DESKTOP-K968T3F",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="model"',
                    "",
                    "Windows",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="version"',
                    "",
                    "3.30.2",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="password"',
                    "",
                    "123456",
                    "--------------090306000104030805010400",
                    'Content-Disposition: form-data; name="fileToUpload"; filename="IMG_0003.JPG"',
                    "Content-Type: image/jpeg",
                    "",
                    "PHOTO",
                    "--------------090306000104030805010400--",
                    "",
                ]
            ).encode()
        )

    def test_the_length_counts_bytes_and_not_letters(self) -> None:
        request = build_request(URL, [("survey1", "Привет")], PHOTO)

        assert f"content-length: {len(request.body)}\r\n".encode() in request.head

    def test_another_parser_reads_the_same_parts(self) -> None:
        request = build_request(URL, CAPTURED_PARTS, PHOTO)

        *texts, photo = parts_of(request)
        assert [(name, content.decode()) for name, _, content in texts] == list(CAPTURED_PARTS)
        assert photo == ("fileToUpload", "IMG_0003.JPG", PHOTO.content)


class TestVariations:
    @pytest.mark.parametrize("field", ["file", "image"])
    def test_the_photo_may_go_under_another_name(self, field: str) -> None:
        *_, photo = parts_of(build_request(URL, [], PHOTO, file_field=field))

        assert photo[0] == field

    def test_boundaries_differ_from_shot_to_shot(self) -> None:
        heads = {build_request(URL, [], PHOTO).head for _ in range(20)}

        assert len(heads) == 20

    def test_names_cannot_break_out_of_their_header(self) -> None:
        request = build_request(URL, [('a"; x="y\r\nevil: 1', "v")], Shot('b"\r\n.jpg', b"x"))

        assert b'name="a%22; x=%22y%0D%0Aevil: 1"\r\n\r\nv\r\n' in request.body
        assert b'filename="b%22%0D%0A.jpg"\r\n' in request.body

    @pytest.mark.parametrize(
        ("url", "first_line", "host"),
        [
            ("http://booth.local", "POST / HTTP/1.1", "booth.local"),
            ("https://photo.example.org/ingest/slot-001", "POST /ingest/slot-001 HTTP/1.1", "photo.example.org"),
            ("http://[::1]:8000/a", "POST /a HTTP/1.1", "[::1]:8000"),
            ("  http://h:1/a?x=1&y=%20#top ", "POST /a?x=1&y=%20 HTTP/1.1", "h:1"),
            ("http://h/имя?q=да нет", "POST /%D0%B8%D0%BC%D1%8F?q=%D0%B4%D0%B0%20%D0%BD%D0%B5%D1%82 HTTP/1.1", "h"),
            ("http://фото.рф/a", "POST /a HTTP/1.1", "xn--n1aalg.xn--p1ai"),
        ],
    )
    def test_addresses_as_people_type_them(self, url: str, first_line: str, host: str) -> None:
        lines = build_request(url, [], PHOTO).head.decode().split("\r\n")

        assert lines[:2] == [first_line, f"host: {host}"]

    @pytest.mark.parametrize(
        ("url", "complaint"),
        [
            ("localhost:8000/ingest/slot-001", "must begin with http:// or https://"),
            ("ftp://host/", "must begin with http:// or https://"),
            ("http:///ingest", "must begin with http:// or https://"),
            ("", "must begin with http:// or https://"),
            ("http://me:pw@host/", "must not hold a user name or password"),
            ("http://host:99999/", "no usable host and port"),
            ("http://host:port/", "no usable host and port"),
            (f"http://{'a' * 70}.ru/ы", "no usable host and port"),
        ],
    )
    def test_addresses_that_cannot_be_used(self, url: str, complaint: str) -> None:
        with pytest.raises(ValueError, match=complaint):
            build_request(url, [], PHOTO)


class TestBoothParts:
    def test_they_are_the_captured_fields_in_the_captured_order(self) -> None:
        parts = booth_parts(3, 17, time=1758217512.9, password="123456")

        assert [name for name, _ in parts] == [name for name, _ in CAPTURED_PARTS]
        assert dict(parts)["time"] == "1758217512"

    def test_every_booth_and_shot_tells_itself_apart(self) -> None:
        one, two, next_shot = (dict(booth_parts(b, n, time=0)) for b, n in ((1, 1), (2, 1), (1, 2)))

        assert one["name"] != two["name"]
        assert one["user_id"] != two["user_id"]
        assert one["name"] == next_shot["name"]
        assert len({parts["id"] for parts in (one, two, next_shot)}) == 3

    @pytest.mark.parametrize("password", [None, ""])
    def test_without_a_password_there_is_no_such_field(self, password: str | None) -> None:
        assert "password" not in dict(booth_parts(1, 1, time=0, password=password))

    def test_answers_of_guests_follow_unchanged(self) -> None:
        extra = [("{qr1}", "https://example.org/?a=b"), ("survey1_text_2", "Да"), ("eventkitegalleryid", "7")]

        parts = booth_parts(1, 1, time=0, password="x", extra=extra)

        assert parts[-3:] == extra
        assert b'name="{qr1}"\r\n\r\nhttps://example.org/?a=b\r\n' in build_request(URL, parts, PHOTO).body
