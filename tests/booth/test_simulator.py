"""Many booths at once."""

import re
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.booth.shots import ShotSource, made_up_shots, photo_files, shots_from
from app.booth.simulator import Outcome, Plan, replay
from app.booth.troubles import Trouble
from app.booth.wire import Shot
from tests.booth.scripted_server import Conversation, answer, scripted_server


def plan(
    url: str, *, count: int = 10, booths: int = 3, rate: float | None = None, shots: ShotSource | None = None
) -> Plan:
    return Plan(url, shots or (lambda number: Shot(f"{number}.jpg", b"photo")), count, booths, rate, timeout=10)


class Studio:
    """A server's script that answers every shot after a while, and remembers."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._now = 0
        self.most_at_once = 0
        self.bodies: list[bytes] = []

    def __call__(self, booth: Conversation) -> None:
        _, body = booth.request()
        with self._lock:
            self.bodies.append(body)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        time.sleep(self._seconds)
        with self._lock:
            self._now -= 1
        booth.say(answer())

    def values(self, name: str) -> list[str]:
        pattern = re.compile(rf'name="{name}"\r\n\r\n(.*?)\r\n'.encode())
        return [match[1].decode() for body in self.bodies if (match := pattern.search(body))]

    def file_names(self) -> set[str]:
        return {match[1].decode() for body in self.bodies if (match := re.search(rb'filename="(.*?)"', body))}


class TestReplay:
    def test_every_shot_is_sent_once(self) -> None:
        studio = Studio()
        with scripted_server(studio) as url:
            outcomes = list(replay(plan(url, count=25)))

        assert sorted(outcome.number for outcome in outcomes) == list(range(1, 26))
        assert studio.file_names() == {f"{number}.jpg" for number in range(1, 26)}
        assert all(outcome.answer and outcome.answer.status == 200 for outcome in outcomes)

    def test_a_booth_waits_for_its_answer_before_the_next_shot(self) -> None:
        studio = Studio(seconds=0.1)
        with scripted_server(studio) as url:
            list(replay(plan(url, count=12, booths=4)))

        assert studio.most_at_once == 4
        assert set(studio.values("name")) == {"BOOTH-01", "BOOTH-02", "BOOTH-03", "BOOTH-04"}

    def test_there_are_no_more_booths_than_shots(self) -> None:
        with scripted_server(Studio()) as url:
            assert len(list(replay(plan(url, count=2, booths=50)))) == 2

    def test_password_and_fields_go_with_every_shot(self) -> None:
        studio = Studio()
        with scripted_server(studio) as url:
            asked = replace(plan(url, count=4), password="123456", fields=[("{qr1}", "a"), ("survey", "b")])
            list(replay(asked))

        assert studio.values("password") == ["123456"] * 4
        assert studio.values("{qr1}") == ["a"] * 4
        assert studio.values("survey") == ["b"] * 4

    def test_troubles_are_outcomes_too(self, free_port: int) -> None:
        outcomes = list(replay(plan(f"http://127.0.0.1:{free_port}/", count=3)))

        assert [outcome.answer for outcome in outcomes] == [None] * 3
        assert {outcome.trouble and outcome.trouble.trouble for outcome in outcomes} == {Trouble.CONNECTION_REFUSED}

    def test_a_photo_that_cannot_be_read_ends_the_run(self, tmp_path: Path, free_port: int) -> None:
        with pytest.raises(FileNotFoundError):
            list(replay(plan(f"http://127.0.0.1:{free_port}/", shots=shots_from([tmp_path / "gone.jpg"]))))


class TestRate:
    def test_shots_come_at_their_time(self) -> None:
        with scripted_server(Studio()) as url:
            started = time.monotonic()
            outcomes = list(replay(plan(url, count=6, booths=3, rate=600)))
            seconds = time.monotonic() - started

        assert seconds >= 0.5
        assert all(outcome.late < 1 for outcome in outcomes)

    def test_a_shot_that_finds_no_free_booth_is_late(self) -> None:
        with scripted_server(Studio(seconds=0.3)) as url:
            outcomes = list(replay(plan(url, count=4, booths=1, rate=6000)))

        late = [outcome.late for outcome in sorted(outcomes, key=lambda outcome: outcome.number)]
        assert late == sorted(late)
        assert late[3] >= 0.8

    def test_without_a_rate_nothing_is_late(self) -> None:
        with scripted_server(Studio(seconds=0.1)) as url:
            assert {outcome.late for outcome in replay(plan(url, count=4, booths=1))} == {0.0}

    def test_closing_the_run_stops_the_booths(self) -> None:
        studio = Studio()
        with scripted_server(studio) as url:
            outcomes = replay(plan(url, count=1000, booths=2, rate=60))
            first: Outcome = next(outcomes)
            outcomes.close()

        assert first.number == 1
        assert len(studio.bodies) == 1


class TestShots:
    def test_made_up_photos_are_jpegs_of_realistic_size(self) -> None:
        source = made_up_shots()

        shots = [source(number) for number in (1, 2, 3, 4)]

        assert [shot.file_name for shot in shots] == ["IMG_0001.JPG", "IMG_0002.JPG", "IMG_0003.JPG", "IMG_0004.JPG"]
        assert all(1_500_000 < len(shot.content) < 4_000_000 for shot in shots)
        assert len({shot.content for shot in shots}) == 3

    def test_folders_are_read_in_order_and_only_for_images(self, tmp_path: Path) -> None:
        for name in ("b.JPG", "a.jpeg", "notes.txt", "c.heic", "d.png"):
            (tmp_path / name).write_bytes(b"x")
        single = tmp_path / "notes.txt"

        assert [file.name for file in photo_files([tmp_path])] == ["a.jpeg", "b.JPG", "c.heic", "d.png"]
        assert photo_files([single]) == [single]

    def test_files_are_sent_in_turn_under_their_own_names(self, tmp_path: Path) -> None:
        files = [tmp_path / "a.jpg", tmp_path / "b.png", tmp_path / "c.heic"]
        for file, content in zip(files, (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"heic"), strict=True):
            file.write_bytes(content)

        source = shots_from(files)

        assert [source(number).file_name for number in (1, 2, 3, 4)] == ["a.jpg", "b.png", "c.heic", "a.jpg"]
        assert [source(number).mime_type for number in (1, 2, 3)] == [
            "image/jpeg",
            "image/png",
            "application/octet-stream",
        ]
