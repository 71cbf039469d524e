"""The control socket: how people and scripts on this machine steer a running engine.

A Unix socket in the engine's data folder, one JSON document a line in either direction. Who may
use it is the file system's decision, checked once more by the peer's user; there is no password.
"""
