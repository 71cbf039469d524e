"""The command line: expertline."""
