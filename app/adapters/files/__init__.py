"""The media store through obstore: one adapter for a local directory and for S3-compatible buckets."""

from collections.abc import Mapping
from pathlib import Path

from app.adapters.files.bucket import connect
from app.adapters.files.directory import DirectoryFiles
from app.adapters.files.objects import ObjectFiles
from app.ports.media import MediaStore


def open_media_store(url: str, s3_options: Mapping[str, str] | None = None) -> MediaStore:
    """The store at `url`: the path of a directory, made with its parents when missing, or an S3 bucket.

    A bucket is `s3://bucket/prefix`, with `?endpoint=https://host&region=name` where it is not Amazon's. Keys come
    in `s3_options`, under the names of the standard variables: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are
    required, AWS_SESSION_TOKEN, AWS_REGION (or AWS_DEFAULT_REGION, else us-east-1) and AWS_ENDPOINT_URL_S3 (or
    AWS_ENDPOINT_URL) optional; others are ignored. What the URL says wins. An endpoint with http:// is used
    unencrypted. Waiting for a server that hangs ends within about 10 s.

    A bucket needs a lifecycle rule that aborts incomplete multipart uploads: a process that dies while it writes a
    large file leaves its parts behind.

    Raises ValueError for a URL or options that cannot work, MediaStoreUnavailable if the directory cannot be made.
    A bucket is not contacted here; `check()` does that.
    """
    if "://" not in url:
        return DirectoryFiles(Path(url))
    return ObjectFiles(connect(url, s3_options or {}), name=url.partition("?")[0])
