"""Asterisk's configuration: templates filled strictly, secrets kept, devices added and removed."""
