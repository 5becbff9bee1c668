"""The command line: `python -m app COMMAND`."""

import shlex
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
@click.option("--curl", is_flag=True, help="Print a line that tries a slot, with the booths' password if it is known.")
def release(curl: bool) -> None:
    from app.release import release as bring_up_to_date

    settings = _settings()
    released = bring_up_to_date(settings)
    address = settings.public_base_url or f"http://localhost:{settings.port}"
    click.echo(f"  PhotoChanger: {address}")
    for user, password in released.first_passwords.items():
        click.echo(f"  {user}: {password}   (first password, shown once)")
    if curl:
        password = shlex.quote(released.ingest_password or "INGEST_PASSWORD")
        click.echo("  Try a slot:")
        click.echo(
            f"  curl -sS -F fileToUpload=@static/sample.jpg --form-string password={password} "
            f"{address}/ingest/slot-001 -o result.jpg"
        )


def _settings() -> Settings:
    try:
        return load_settings()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    commands()
