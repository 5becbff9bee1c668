"""The contract: the file for programs, and pages of it for people, which need neither scripts nor a session."""

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from app.web import contract

blueprint = Blueprint("docs", __name__)
SCHEMAS = "schemas"


@blueprint.get("/api/openapi.yaml")
def contract_file() -> Response:
    return Response(contract.CONTRACT.read_bytes(), content_type="application/yaml")


@blueprint.get("/api/docs")
def page() -> str:
    """What holds in general, and every operation to jump to."""
    return render_template("docs.html", contract=contract, here=None)


@blueprint.get("/api/docs/<section>")
def section(section: str) -> str:
    """The operations of one subject, or the schemas that all of them name."""
    if section == SCHEMAS:
        return render_template("docs_schemas.html", contract=contract, here=SCHEMAS)
    tag = contract.tag_of(section)
    if tag is None:
        raise NotFound("There is no such section.")
    return render_template("docs_section.html", contract=contract, here=section, tag=tag)
