"""`expertline messages`: the voice messages that callers left.

Works while the engine runs. Exit status: 0 good, 1 there is no such message or it is not there any
more, 2 used wrongly or no store.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.store.store import StoreBeside
from ivr.adapters.store.voice_messages import MessageState, StoredMessage
from ivr.adapters.voice_files import FOLDER, VoiceFiles, copy_whole
from ivr.cli.listing import (
    DATA_DIR,
    LISTED,
    WRONG_USE,
    DataDirOption,
    FormatOption,
    LimitOption,
    ListFormat,
    RevealOption,
    iso_time,
    print_found,
    printable,
    refused,
    shown_number,
    shown_time,
)
from ivr.cli.store_beside import store_beside
from ivr.cli.table import print_table

app = typer.Typer(help="Voice messages that callers left.", no_args_is_help=True)

MessageArgument = Annotated[str, typer.Argument(help="The message's id, as `list` shows it.")]
HotlineOption = Annotated[str | None, typer.Option("--hotline", help="Left on this hotline.")]
AllOption = Annotated[bool, typer.Option("--all", help="The deleted ones too.")]
ToOption = Annotated[Path, typer.Option("--to", help="The file to write: WAV, 8 kHz, mono.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]

_GONE = {
    MessageState.LOST: "its recording was lost before it could be kept",
    MessageState.DELETED: "it has been deleted",
}


@app.command(name="list")
def list_messages(
    *,
    hotline: HotlineOption = None,
    deleted_too: AllOption = False,
    limit: LimitOption = LISTED,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
    reveal: RevealOption = False,
) -> None:
    """Show the messages, latest first."""
    with store_beside(data_dir) as store:
        found = store.voice_messages.newest(hotline=hotline, deleted_too=deleted_too, limit=limit)
    print_found(
        found,
        list_format,
        key="messages",
        document=partial(_document, reveal=reveal),
        table=partial(_print_messages, reveal=reveal),
        what="voice message",
    )


@app.command()
def export(
    message: MessageArgument,
    to: ToOption,
    *,
    force: ForceOption = False,
    data_dir: DataDirOption = DATA_DIR,
) -> None:
    """Copy a message's sound into a file of yours; the message stays."""
    with store_beside(data_dir) as store:
        found = _kept(store, message)
    _check_target(to, data_dir, force=force)
    source = _files(data_dir).path(found.message)
    try:
        copy_whole(source, to)
    except FileNotFoundError as error:
        missing = source if not source.is_file() else to.parent
        raise refused(f"{message}: {printable(missing)} is not there") from error
    except OSError as error:
        why = error.strerror or str(error)
        raise refused(f"{printable(to)} cannot be written: {why}", status=WRONG_USE) from error
    typer.echo(f"{message}: written to {printable(to)}.")


def _check_target(to: Path, data_dir: Path, *, force: bool) -> None:
    """Nothing of the engine's is overwritten, and nothing of anybody's unasked."""
    shown = printable(to)
    try:
        is_engines = to.resolve().is_relative_to(data_dir.resolve())
        is_there, is_other = to.exists() or to.is_symlink(), to.exists() and not to.is_file()
    except (OSError, RuntimeError, ValueError) as error:
        raise refused(f"{shown} cannot be written there", status=WRONG_USE) from error
    if is_engines:
        raise refused(
            f"{shown} is in the engine's own data folder: write it elsewhere", status=WRONG_USE
        )
    if is_other:
        raise refused(f"{shown} is no file: name a file to write", status=WRONG_USE)
    if is_there and not force:
        raise refused(
            f"{shown} is there already: give another name, or --force to replace it",
            status=WRONG_USE,
        )


@app.command()
def delete(message: MessageArgument, data_dir: DataDirOption = DATA_DIR) -> None:
    """Remove a message's sound for good; that it was left stays on record."""
    with store_beside(data_dir, writing=True) as store:
        found = _kept(store, message)
        # The sound first: a crash in between leaves a row to be deleted again, and no voice.
        try:
            was_there = _files(data_dir).remove(found.message)
        except OSError as error:
            raise refused(f"{message}: its file cannot be removed: {error}") from error
        store.voice_messages.mark_deleted(found.message)
    typer.echo(f"{message}: deleted." if was_there else f"{message}: deleted; its file was gone.")


def _files(data_dir: Path) -> VoiceFiles:
    return VoiceFiles(data_dir, data_dir / FOLDER)


def _kept(store: StoreBeside, message: str) -> StoredMessage:
    found = store.voice_messages.one(message)
    if found is None:
        raise refused(
            f"there is no voice message {message!r}: `expertline messages list` shows those there "
            "are"
        )
    if found.state is not MessageState.KEPT:
        raise refused(f"{message}: {_GONE[found.state]}")
    return found


def _document(stored: StoredMessage, *, reveal: bool) -> dict[str, object]:
    return {
        "message": stored.message,
        "contact": stored.contact,
        "hotline": stored.hotline,
        "topic": stored.topic,
        "language": stored.language,
        "customer": shown_number(stored.number, reveal=reveal),
        "left": iso_time(stored.wall),
        "speech_ms": stored.duration_ms,
        "state": stored.state.value,
    }


def _print_messages(messages: Sequence[StoredMessage], *, reveal: bool) -> None:
    headings = ("left", "message", "customer", "hotline", "topic", "language", "speech", "")
    rows: list[tuple[object, ...]] = []
    for each in messages:
        speech = "-" if each.duration_ms is None else f"{each.duration_ms / 1000:.1f} s"
        rows.append(
            (
                shown_time(each.wall),
                each.message,
                shown_number(each.number, reveal=reveal),
                each.hotline,
                each.topic,
                each.language,
                speech,
                "" if each.state is MessageState.KEPT else each.state.value,
            )
        )
    print_table(headings, rows)
