"""The command line: `python -m app COMMAND`."""

import sys

import click

from app.booth.command import booth_command
from app.config import ConfigError, Settings, load_settings


@click.group(help="PhotoChanger: photo booth shots through AI image providers.")
def commands() -> None:
    pass


commands.add_command(booth_command)


@commands.command(help="Start everything on this machine, embedded PostgreSQL included.")
def run() -> None:
    from app.run import run as run_everything

    sys.exit(run_everything())


@commands.command(help="Serve HTTP on HOST and PORT.")
def web() -> None:
    from app import create_app
    from app.logs import configure_logs
    from app.web.server import WebServer
    from app.wiring import Wiring

    settings = _settings()
    configure_logs("web")
    wiring = Wiring(settings, role="web")
    app = create_app(settings, wiring.services())
    try:
        server = WebServer(app, settings, waiting=lambda: wiring.waiting.waiting, interrupt=wiring.waiting.interrupt)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from None
    wiring.waiting.start()
    server.run()


@commands.command(help="Run the migrations, create the administrators, print first passwords once.")
def release() -> None:
    from app.release import release as bring_up_to_date

    settings = _settings()
    made = bring_up_to_date(settings)
    address = settings.public_base_url or f"http://localhost:{settings.port}"
    for line in _welcome(address, made, settings.ingest_password):
        click.echo(line)


def _welcome(address: str, made: dict[str, str], ingest_password: str | None) -> list[str]:
    lines = [f"  PhotoChanger: {address}"]
    lines += [f"  {user}: {password}   (first password, shown once)" for user, password in made.items()]
    password = made.get("ingest") or ingest_password or "<ingest password>"
    lines.append("  Try a slot:")
    lines.append(
        f"  curl -sS -F fileToUpload=@static/sample.jpg -F password='{password}' "
        f"{address}/ingest/slot-001 -o result.jpg"
    )
    return lines


def _settings() -> Settings:
    try:
        return load_settings()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    commands()
