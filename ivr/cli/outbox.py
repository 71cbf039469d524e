"""`expertline outbox`: the texts that flows had sent to callers, as they wait to go out.

Exit status: 0 good, 1 there is no such text, 2 used wrongly or no store.
"""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from ivr.adapters.store.outbox import StoredMessage
from ivr.adapters.store.sites import StoredSite
from ivr.adapters.store.store import StoreBeside
from ivr.cli.listing import (
    DATA_DIR,
    LISTED,
    DataDirOption,
    FormatOption,
    LimitOption,
    ListFormat,
    RevealOption,
    iso_time,
    print_fields,
    print_found,
    print_json,
    refused,
    shown_number,
    shown_time,
)
from ivr.cli.store_beside import store_beside
from ivr.cli.table import print_table
from ivr.flow.read_messages import texts_in
from ivr.flow.sms_length import sms_size
from ivr.flow.texts import rendered

app = typer.Typer(help="Texts to callers that wait to be sent.", no_args_is_help=True)

NOT_KEPT = "(the site that this text belongs to is not kept any more)"

MessageArgument = Annotated[str, typer.Argument(help="The text's id, as `list` shows it.")]


@app.command(name="list")
def list_messages(
    *,
    limit: LimitOption = LISTED,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
    reveal: RevealOption = False,
) -> None:
    """Show the latest texts, latest first."""
    with store_beside(data_dir) as store:
        texts = _Texts(store)
        found = [(each, texts.of(each)) for each in store.outbox.newest(limit=limit)]
    print_found(
        found,
        list_format,
        key="messages",
        document=lambda each: _document(*each, reveal=reveal),
        table=partial(_print_messages, reveal=reveal),
        what="text",
    )


@app.command()
def show(
    message: MessageArgument,
    *,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
    reveal: RevealOption = False,
) -> None:
    """Show one text in full."""
    with store_beside(data_dir) as store:
        found = store.outbox.one(message)
        text = None if found is None else _Texts(store).of(found)
    if found is None:
        raise refused(
            f"there is no text {message!r}: `expertline outbox list` shows those there are"
        )
    document = _document(found, text, reveal=reveal)
    if list_format is ListFormat.JSON:
        print_json(document)
        return
    values = ", ".join(f"{name}: {value}" for name, value in found.values)
    shown = {**document, "values": values or None, "text": text or NOT_KEPT}
    print_fields(list(shown.items()))


class _Texts:
    """Makes texts out of the sites that are kept, each of which is looked up once."""

    def __init__(self, store: StoreBeside) -> None:
        self._store = store
        self._sites: dict[str, StoredSite | None] = {}

    def of(self, message: StoredMessage) -> str | None:
        if message.site not in self._sites:
            self._sites[message.site] = self._store.stored_sites.one(message.site)
        return _text(message, self._sites[message.site])


def _text(message: StoredMessage, site: StoredSite | None) -> str | None:
    """The text itself; None where the site it belongs to is not kept any more."""
    templates = {} if site is None else texts_in(site.texts, message.hotline)
    template = templates.get(message.template)
    if template is None or message.language not in template.wordings:
        return None
    return rendered(template, message.language, dict(message.values))


def _document(message: StoredMessage, text: str | None, *, reveal: bool) -> dict[str, object]:
    return {
        "message": message.message,
        "contact": message.contact,
        "customer": shown_number(message.number, reveal=reveal),
        "made": iso_time(message.made_wall),
        "state": message.state,
        "hotline": message.hotline,
        "template": message.template,
        "language": message.language,
        "values": dict(message.values),
        "parts": None if text is None else sms_size(text).parts,
        "text": text,
    }


def _print_messages(messages: Sequence[tuple[StoredMessage, str | None]], *, reveal: bool) -> None:
    headings = ("made", "message", "customer", "hotline", "template", "state", "text")
    rows = [
        (
            shown_time(each.made_wall),
            each.message,
            shown_number(each.number, reveal=reveal),
            each.hotline,
            each.template,
            each.state,
            text or NOT_KEPT,
        )
        for each, text in messages
    ]
    print_table(headings, rows)
