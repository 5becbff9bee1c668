"""Where an S3 bucket is and who asks, from a URL and the standard AWS_* variables."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from obstore.store import S3Store

if TYPE_CHECKING:  # the library has these in its stubs only
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Credential

# Silence ends a request after `read_timeout`; it is not repeated, because `retry_timeout` is over by then. One that
# fails at once is repeated, and its last repetition may meet silence. An upload in parts meets it twice, the second
# time when it tells the server to forget the parts. All end within about 10 s.
_CLIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=3),
    "read_timeout": timedelta(seconds=5),
    "timeout": timedelta(seconds=30),
}
_RETRY: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=2)}


def connect(url: str, options: Mapping[str, str]) -> S3Store:
    """A client for `s3://bucket/prefix?endpoint=…&region=…`; see `open_media_store`. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError("the media store is a path or s3://bucket/prefix")
    if "@" in parts.netloc:
        raise ValueError("the media store's URL holds no keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY do")
    query = dict(parse_qsl(parts.query))
    if query.keys() - {"endpoint", "region"}:
        raise ValueError("the media store's URL takes the parameters endpoint and region only")
    endpoint = query.get("endpoint") or _first(options, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    credential = _credential(options)
    region = query.get("region") or _first(options, "AWS_REGION", "AWS_DEFAULT_REGION") or "us-east-1"
    config: S3Config = {"region": region}
    if endpoint:
        config["aws_endpoint_url_s3"] = _checked_endpoint(endpoint)
    client: ClientConfig = {**_CLIENT, "allow_http": endpoint.startswith("http://")}
    prefix = parts.path.strip("/") or None
    return S3Store(
        parts.netloc,
        prefix=prefix,
        config=config,
        client_options=client,
        retry_config=_RETRY,
        credential_provider=lambda: credential,
    )


def _credential(options: Mapping[str, str]) -> "S3Credential":
    """Without explicit keys the library would ask the host's metadata service for some: refused instead.

    And keys that are merely configured it would complete with the environment's session token, whoever's that is.
    """
    key_id, secret = options.get("AWS_ACCESS_KEY_ID"), options.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret:
        raise ValueError("a media store on S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    token = options.get("AWS_SESSION_TOKEN")
    return {"access_key_id": key_id, "secret_access_key": secret, "token": token, "expires_at": None}


def _checked_endpoint(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("the endpoint of the media store is http(s)://host[:port], without a user name")
    return endpoint


def _first(options: Mapping[str, str], *names: str) -> str:
    return next((options[name] for name in names if options.get(name)), "")
