"""All that a person needs to publish a post by hand, on its way to a browser or a program."""

from flask import Response

from app.services.vk.kits import Kit
from app.web.files import file_response


def kit_response(kit: Kit) -> Response:
    response = file_response(kit.stream, kit.size_bytes, "application/zip", kit.etag)
    response.headers["Content-Disposition"] = f'attachment; filename="{kit.name}"'
    return response
