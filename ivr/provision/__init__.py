"""Set-up that does itself: all a bare machine lacks, in visible steps that skip what is done.

It runs with the system's `python3` before anything is installed, so it stands on the standard
library alone. Start it with `python3 -m ivr.provision`; `make` does so before each command.
"""
