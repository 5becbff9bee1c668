"""The contract: the file for programs, and a page of it for people, without any script."""

from flask import Blueprint, Response, render_template

from app.web import contract

blueprint = Blueprint("docs", __name__)


@blueprint.get("/api/openapi.yaml")
def contract_file() -> Response:
    return Response(contract.CONTRACT.read_bytes(), content_type="application/yaml")


@blueprint.get("/api/docs")
def page() -> str:
    return render_template("docs.html", contract=contract)
