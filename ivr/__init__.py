"""Calls: what the caller hears, one contact end to end, and the edges to Asterisk."""
