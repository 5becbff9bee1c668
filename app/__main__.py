"""The command line: `python -m app COMMAND`."""

import shlex
import sys

import click

from app.booth.command import booth_command


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
    from app.startup import startup
    from app.web.server import WebServer
    from app.wiring import Wiring

    with startup("web") as settings:
        wiring = Wiring(settings, role="web")
        app = create_app(settings, wiring.services())
    try:
        server = WebServer(app, settings, interrupt=[wiring.waiting.interrupt, wiring.archives.interrupt])
    except OSError as error:
        raise click.ClickException(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from None
    wiring.waiting.start()
    server.run()


@commands.command(help="Run the migrations, create the administrators, print first passwords once.")
@click.option("--curl", is_flag=True, help="Print a line that tries a slot, with the booths' password if it is known.")
def release(curl: bool) -> None:
    from app.release import release as bring_up_to_date
    from app.startup import startup

    with startup("release") as settings:
        ingest_password = bring_up_to_date(settings, _tell_first_password)
    address = settings.public_base_url or f"http://localhost:{settings.port}"
    click.echo(f"  PhotoChanger: {address}")
    if curl:
        password = shlex.quote(ingest_password or "INGEST_PASSWORD")
        click.echo("  Try a slot:")
        click.echo(
            f"  curl -sS -F fileToUpload=@static/sample.jpg --form-string password={password} "
            f"{address}/ingest/slot-001 -o result.jpg"
        )


@commands.command(help="Replace the password of serg or igor, or the booths' (ingest), and print it once.")
@click.argument("user", type=click.Choice(["serg", "igor", "ingest"]))
@click.option("--ask", is_flag=True, help="Ask for the new password instead of making one up.")
@click.option(
    "--grace-hours", type=click.IntRange(0, 168), default=0, help="How long booths may go on with the old password."
)
def password(user: str, ask: bool, grace_hours: int) -> None:
    from app.config import ADMIN_PASSWORD_LENGTH
    from app.release import BOOTHS, new_password, set_password
    from app.services.settings.values import INGEST_PASSWORD_LENGTH
    from app.startup import startup

    shortest, longest = INGEST_PASSWORD_LENGTH if user == BOOTHS else ADMIN_PASSWORD_LENGTH
    chosen = click.prompt("New password", hide_input=True, confirmation_prompt=True) if ask else new_password()
    if not shortest <= len(chosen) <= longest or not chosen.isprintable():
        raise click.ClickException(f"the password must have {shortest} to {longest} printable characters")
    with startup("password") as settings:
        set_password(settings, user, chosen, grace_hours)
    click.echo(f"  {user}: the password is changed" if ask else f"  {user}: {chosen}   (new password, shown once)")


@commands.command("rotate-keys", help="Encrypt what is stored for the providers with the newest of ENCRYPTION_KEYS.")
def rotate_keys() -> None:
    from app.ports.secrets import SecretUnreadable
    from app.release import require_release
    from app.startup import startup
    from app.wiring import Wiring

    with startup("rotate-keys") as settings:
        require_release(settings)
        wiring = Wiring(settings, role="rotate-keys", pool_size=1)
        try:
            count = wiring.stores.secrets.rotate()
        except SecretUnreadable as error:
            raise click.ClickException(f"nothing was changed: {error}") from None
        finally:
            wiring.database.close()
    click.echo(f"  Values encrypted with the newest key: {count}")


def _tell_first_password(user: str, password: str) -> None:
    click.echo(f"  {user}: {password}   (first password, shown once)")


if __name__ == "__main__":
    commands()
