"""Tables of the listing commands."""

import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.cli.listing import printable

PIPE_COLUMNS = 200
"""How wide a table is when it does not go to a terminal."""


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table as wide as the terminal; control characters in it are replaced."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(each)) for each in row))
    width = None if sys.stdout.isatty() else PIPE_COLUMNS
    Console(file=sys.stdout, width=width, soft_wrap=False).print(table)
