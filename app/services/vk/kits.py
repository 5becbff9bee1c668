"""Everything that a person needs to publish a post by hand, where VK demands one."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, BinaryIO, cast
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

from app.domain.vk.posts import SystemPost
from app.domain.vk.variables import UnknownVariables, substitute_global_variables
from app.services.vk.post_photos import PostPhotos
from app.services.vk.posts import PostService

_IN_MEMORY = 8 << 20


@dataclass(frozen=True, slots=True)
class Kit:
    """`stream` is a ZIP at its beginning; whoever gets it closes it."""

    stream: BinaryIO
    size_bytes: int
    name: str
    etag: str


class PostKits:
    def __init__(self, *, posts: PostService, photos: PostPhotos) -> None:
        self._posts = posts
        self._photos = photos

    def text(self, post: SystemPost, values: Mapping[str, str] | None = None) -> str:
        """With what its variables stand for, or `values`; as it was written if one of them stands for nothing."""
        values = self._posts.values(post.community_id) if values is None else values
        try:
            return substitute_global_variables(post.text, values)
        except UnknownVariables:
            return post.text

    def open(self, post_id: UUID) -> Kit:
        """The photos in their order, as far as our copies are there, the text, and the address of the wall."""
        post = self._posts.find(post_id)
        stream = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            self._write(post, stream)
        except BaseException:
            stream.close()
            raise
        size_bytes = stream.tell()
        stream.seek(0)
        name = f"post_{post.id.hex[:8]}.zip"
        return Kit(cast(BinaryIO, stream), size_bytes, name, f"{post.id}-{post.version}-{size_bytes}")

    def _write(self, post: SystemPost, stream: IO[bytes]) -> None:
        """Text with a mark by which old editors of Windows know UTF-8."""
        community = self._posts.community(post.community_id)
        with ZipFile(stream, "w", ZIP_STORED) as archive:
            for photo in post.photos:
                if (data := self._photos.read(photo)) is not None:
                    archive.writestr(f"{photo.position + 1:02}.jpg", data)
            archive.writestr("text.txt", self.text(post).replace("\n", "\r\n").encode("utf-8-sig"))
            archive.writestr("community.url", f"[InternetShortcut]\r\nURL={community.url}\r\n")
