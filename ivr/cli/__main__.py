"""``python -m ivr.cli``: the same as ``expertline``, by the interpreter at hand."""

from ivr.cli.main import main

main()
