"""Which post of a wall is one of ours."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.vk.matching import CLOCKS_DIFFER, find, missing_photos, normalised, photos_of
from app.domain.vk.posts import PostPhoto, SystemPost, WallPost
from tests.vk.publishing import new_community, new_photo, new_post

COMMUNITY = new_community()
OWNER = COMMUNITY.owner_id
TEXT = "Свадьба Анны и Петра"


def sent(text: str = TEXT, *photos: int, vk_post_id: int | None = None) -> SystemPost:
    """A post that VK was sent a moment ago, with photos of the community's by their ids; VK's clock is not ours."""
    post = new_post(COMMUNITY)
    attached = [photo(post, place, f"photo{OWNER}_{number}_key") for place, number in enumerate(photos)]
    return replace(
        post,
        photos=tuple(attached),
        attempted_at=post.read_at,
        vk_clock_at=post.read_at + timedelta(hours=2),
        sent_text=text,
        sent_attachments=tuple(photo.attachment or "" for photo in attached),
        vk_post_id=vk_post_id,
        attempt=1,
    )


def photo(post: SystemPost, position: int, attachment: str) -> PostPhoto:
    return replace(new_photo(post.id, position), attachment=attachment)


def seen(post: SystemPost, post_id: int = 10, text: str | None = None, *photos: int, after: float = 1.0) -> WallPost:
    """A post of the wall, so many seconds after the attempt; with the same words unless others are given."""
    assert post.vk_clock_at is not None
    return WallPost(
        post_id=post_id,
        owner_id=OWNER,
        is_postponed=False,
        date=post.vk_clock_at + timedelta(seconds=after),
        text=(post.sent_text or "") if text is None else text,
        photos=tuple((OWNER, number) for number in photos),
        preview_urls=tuple("" for _ in photos),
    )


class TestById:
    def test_the_id_that_vk_gave_is_enough(self) -> None:
        post = sent(vk_post_id=10)
        edited = seen(post, 10, "edited since", after=-9999)
        assert find(post, [seen(post, 11), edited]) is edited

    def test_a_postponed_post_is_known_by_the_id_that_it_had(self) -> None:
        post = sent(vk_post_id=10)
        appeared = replace(seen(post, 15), postponed_id=10)
        assert find(post, [appeared]) is appeared

    def test_what_looks_alike_is_not_it(self) -> None:
        post = sent(vk_post_id=10)
        assert find(post, [seen(post, 11)]) is None


class TestByLooks:
    def test_words_and_photos_tell_it(self) -> None:
        post = sent(TEXT, 1, 2)
        wanted = seen(post, 10, None, 2, 1)
        assert find(post, [seen(post, 11, "other", 1, 2), seen(post, 12, None, 1, 3), wanted]) is wanted

    def test_photos_alone_do(self) -> None:
        post = sent("", 1, 2)
        wanted = seen(post, 10, "", 1, 2)
        assert find(post, [seen(post, 11, "", 1), seen(post, 12, "words", 1, 2), wanted]) is wanted

    def test_words_alone_do(self) -> None:
        post = sent()
        assert find(post, [seen(post, 11, None, 5), seen(post, 10)]) == seen(post, 10)

    @pytest.mark.parametrize("kept", [(), (1,), (2,)])
    def test_one_whose_photos_vk_has_dropped_is_ours(self, kept: tuple[int, ...]) -> None:
        post = sent(TEXT, 1, 2)
        torn = seen(post, 10, None, *kept)
        assert find(post, [torn]) is torn
        assert missing_photos(post, torn) == 2 - len(kept)

    @pytest.mark.parametrize("others", [(8,), (8, 9), (1, 8)])
    def test_one_with_other_photos_is_somebody_elses(self, others: tuple[int, ...]) -> None:
        post = sent(TEXT, 1, 2, 3)
        assert find(post, [seen(post, 10, None, *others)]) is None

    def test_what_was_sent_counts_whatever_the_post_has_become(self) -> None:
        post = sent(TEXT, 1, 2)
        wanted = seen(post, 10, None, 1, 2)
        edited = replace(post, photos=(photo(post, 0, f"photo{OWNER}_7"),))
        assert find(edited, [seen(post, 11, None, 7), wanted]) is wanted
        assert missing_photos(edited, seen(post, 10, None, 1)) == 1

    def test_but_the_more_it_has_of_it_the_rather(self) -> None:
        post = sent(TEXT, 1, 2)
        bare, torn, whole = seen(post, 11), seen(post, 12, None, 1), seen(post, 10, None, 1, 2)
        assert find(post, [bare, torn, whole]) is whole
        assert find(post, [bare, torn]) is torn
        assert missing_photos(post, whole) == 0

    def test_with_more_photos_than_were_sent_it_is_another(self) -> None:
        post = sent(TEXT, 1)
        assert find(post, [seen(post, 10, None, 1, 2)]) is None

    def test_without_words_a_torn_one_could_be_anybodys(self) -> None:
        post = sent("", 1, 2)
        assert find(post, [seen(post, 10, "", 1), seen(post, 11, "")]) is None

    def test_yesterdays_post_with_the_same_words_is_another(self) -> None:
        post = sent()
        assert find(post, [seen(post, 10, after=-86_400)]) is None

    def test_clocks_of_vk_may_differ_a_little(self) -> None:
        post = sent()
        assert find(post, [seen(post, 10, after=-CLOCKS_DIFFER.total_seconds())])
        assert not find(post, [seen(post, 10, after=-CLOCKS_DIFFER.total_seconds() - 1)])

    def test_what_is_known_as_another_of_ours_is_not_it(self) -> None:
        post = sent()
        assert find(post, [seen(post, 10)], others={10}) is None
        assert find(post, [seen(post, 10), seen(post, 11)], others={10}) == seen(post, 11)
        assert find(post, [replace(seen(post, 15), postponed_id=10)], others={10}) is None

    def test_nobodys_wall_has_it(self) -> None:
        assert find(sent(), []) is None


def test_photos_are_told_from_attachments_with_and_without_a_key() -> None:
    assert photos_of(["photo-1_2_key", "photo-1_3", "photo5_6_a"]) == {(-1, 2), (-1, 3), (5, 6)}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("  Раз\r\n\r\nдва ", "Раз\nдва"),
        ("Раз\u00a0два\u200b", "Раз два"),
        ("@durov (Павел), привет", "[id1|Павел], привет"),
        ("@durov, привет", "[id1|@durov], привет"),
        ("*club1 (Мы)", "[club1|Мы]"),
        ("Анна &amp; Пётр", "Анна & Пе\u0308тр"),
        ("❤️", "❤"),
        ("ﬁ…", "fi..."),
    ],
)
def test_what_vk_does_to_words_makes_no_difference(ours: str, theirs: str) -> None:
    assert normalised(ours) == normalised(theirs)


@pytest.mark.parametrize(("ours", "theirs"), [("Раз", "раз"), ("Раз два", "Раздва"), ("Раз!", "Раз"), ("1", "2")])
def test_other_words_are_other_words(ours: str, theirs: str) -> None:
    assert normalised(ours) != normalised(theirs)


@given(st.text())
def test_words_are_found_however_they_are_spaced(text: str) -> None:
    post = sent(" ".join(text.split()))
    assert find(post, [seen(post, 10, f" \n{post.sent_text}\u200b\u00a0")])


@given(st.sets(st.integers(1, 10**9), min_size=1, max_size=10), st.text())
def test_the_order_of_photos_makes_no_difference(numbers: set[int], text: str) -> None:
    post = sent(text, *numbers)
    assert find(post, [seen(post, 10, None, *sorted(numbers, reverse=True))])
