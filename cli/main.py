"""The `handrail` command."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from bot.settings import Settings
from bot.yaml_files import DataFileError
from cli.usage import demo_usage, usage_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Handrail: a wellbeing assistant for prison and probation staff.",
)
directory_app = typer.Typer(no_args_is_help=True, help="The service directory.")
app.add_typer(directory_app, name="directory")
app.add_typer(usage_app, name="usage")
app.command(name="demo-usage")(demo_usage)
errors = Console(stderr=True)


@app.command()
def serve() -> None:
    """Chat in the browser, on HANDRAIL_HOST and HANDRAIL_PORT, and on Telegram when HANDRAIL_TELEGRAM_TOKEN is set."""
    from api.app import create_app
    from api.dashboard.ahead import draw_ahead
    from api.dashboard.endpoints import add_dashboard
    from api.dashboard.source import make_source
    from api.server import run_server
    from api.sign_in import add_sign_in, load_sign_in_settings
    from api.usage.setup import make_recorder
    from cli.service import attach_engine_later, prepare_service, telegram_of

    sign_in_settings = load_sign_in_settings()
    service = prepare_service()
    usage_ = make_recorder(service.settings)
    usage_.start()
    telegram_ = telegram_of(service, usage_.record)
    app_ = create_app(service.conversation, service.sessions, service.settings, usage_, telegram_)
    sign_in = add_sign_in(app_, sign_in_settings, service.settings, show=_show_link)
    source = make_source(service.settings)
    add_dashboard(app_, source)
    address = f"http://{service.settings.host}:{service.settings.port}/"

    def ready() -> None:
        errors.print(f"Handrail is ready: open {address} (Ctrl+C stops it)", soft_wrap=True)
        if sign_in.link is not None:
            sign_in.link.print_new()
        draw_ahead(source)

    attach_engine_later(service, ready)
    try:
        run_server(app_, service.settings)
    finally:
        usage_.close()


def _show_link(link: str) -> None:
    errors.print(f"Managers' pages, once, within 10 minutes: {link}", soft_wrap=True, highlight=False, markup=False)


@app.command()
def chat() -> None:
    """Chat in the terminal."""
    from bot.channels.terminal import chat_in_terminal
    from cli.service import start_service

    service = start_service()
    chat_in_terminal(service.conversation, service.sessions)


@app.command(name="try")
def try_(
    text: Annotated[list[str] | None, typer.Argument(help="Sentences to try.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file with one sentence a line; - reads standard input.")] = None,
    json_: Annotated[
        bool, typer.Option("--json", help="One JSON object a line (the default when --file is used).")
    ] = False,
) -> None:
    """Show what the assistant makes of sentences, each in a conversation of its own."""
    from bot.conversation import Message, MessageError
    from cli.service import start_service

    sentences = list(text or [])
    if file is not None:
        content = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        sentences += [line for line in content.splitlines() if line.strip()]
    if not sentences:
        raise DataFileError(["Give a sentence, or a file with --file."])
    service = start_service()
    for sentence in sentences:
        token, session = service.sessions.create()
        try:
            outcome = service.conversation.receive(session, Message(text=sentence))
        except MessageError as error:
            typer.echo(json.dumps({"text": sentence, "error": error.code, "reply": str(error)}, ensure_ascii=False))
            continue
        finally:
            service.conversation.forget(session)
            service.sessions.forget(token)
        if not json_ and file is None:
            typer.echo(
                f"{outcome.intent} {outcome.confidence:.2f}  risk: {outcome.risk.level.value}\n{outcome.reply.as_text()}\n"
            )
            continue
        row = {
            "text": sentence,
            "intent": outcome.intent,
            "confidence": round(outcome.confidence, 4),
            "ranking": [{"intent": name, "confidence": round(value, 4)} for name, value in outcome.ranking],
            "risk": {
                "level": outcome.risk.level.value,
                "subject": outcome.risk.subject.value,
                "kind": outcome.risk.kind,
            },
            "answers": outcome.reply.answers,
            "reply": outcome.reply.as_text(),
        }
        typer.echo(json.dumps(row, ensure_ascii=False))


@app.command()
def evaluate(
    folder: Annotated[Path | None, typer.Option(help="Folder of test sentences.")] = None,
    safety: Annotated[bool, typer.Option("--safety", help="How well risk is seen, instead of needs.")] = False,
    public: Annotated[
        Path | None, typer.Option(help="With --safety: a folder with crisis_dev.jsonl and wellbeing.jsonl.")
    ] = None,
    wrong: Annotated[Path | None, typer.Option(help="With --safety: write what went wrong in this file.")] = None,
) -> None:
    """Accuracy on sentences never trained on, the confusion pairs and the worst intents; or with --safety, of risk."""
    if safety:
        from cli.safety_evaluation import evaluate_safety

        typer.echo(evaluate_safety(Settings().data, folder or Path("tests/safety"), public, wrong))
        return
    from cli.evaluation import evaluate_understanding
    from cli.service import start_service

    result = evaluate_understanding(start_service(), folder or Path("tests/understanding"))
    typer.echo(result.as_text())


@app.command(name="train")
def train_command() -> None:
    """Train the model now, if anything has changed."""
    from bot.runtime import quiet
    from cli.service import ensure_model

    quiet.prepare()
    typer.echo(f"Ready: {ensure_model(Settings()).name}")


@app.command()
def actions(port: Annotated[int, typer.Option(min=1, max=65535)] = 5055) -> None:
    """The standard Rasa action server with these actions."""
    from cli.rasa_tools import run_action_server

    run_action_server(port)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def rasa(context: typer.Context) -> None:
    """Rasa's own tools: train, shell, test, data validate, visualize, run."""
    from cli.rasa_tools import run_rasa

    run_rasa(context.args)


@app.command()
def telegram() -> None:
    """Chat on Telegram by polling, without the web page; needs HANDRAIL_TELEGRAM_TOKEN."""
    from api.usage.setup import make_recorder
    from bot.channels.telegram.runner import answer_until_stopped
    from cli.service import attach_engine_later, prepare_service, telegram_of

    service = prepare_service(Settings(telegram_webhook=None))
    usage_ = make_recorder(service.settings)
    telegram_ = telegram_of(service, usage_.record)
    if telegram_ is None:
        raise DataFileError(["Telegram is off. To turn it on, set HANDRAIL_TELEGRAM_TOKEN to the bot's token."])
    usage_.start()
    attach_engine_later(service, lambda: errors.print("Handrail answers on Telegram (Ctrl+C stops it)"))
    try:
        asyncio.run(answer_until_stopped(telegram_))
    finally:
        usage_.close()


@directory_app.command()
def check() -> None:
    """Check every entry, and warn of those not checked for 90 days."""
    from actions.compose import load_composer
    from api.usage.setup import sites_of
    from bot.directory import stale_entries
    from bot.safety import load_assessor

    data = Settings().data
    directory = load_composer(data).directory
    load_assessor(data)
    if listed := sites_of(Settings()).sites:
        typer.echo(f"{len(listed)} sites")
    for line in stale_entries(directory, date.today()):
        typer.echo(f"warning: {line}")
    unset = [name for name, contact in directory.contacts.items() if not contact.value]
    if unset:
        typer.echo(f"warning: not set by this deployment: {', '.join(unset)}")
    typer.echo(
        f"{len(directory.services)} services, {len(directory.topics)} topics, {len(directory.helplines)} helplines: all good"
    )


def main() -> None:
    """Entry point: wrong data and settings are told plainly and end with status 1."""
    try:
        app()
    except DataFileError as error:
        for line in error.problems:
            errors.print(line, markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for found in error.errors(include_input=False, include_url=False, include_context=False):
            line = f"HANDRAIL_{str(found['loc'][0]).upper()}: {found['msg']}. To mend it: see docs/settings.md"
            errors.print(line, markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
