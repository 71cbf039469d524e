"""Asterisk over ARI: the only place that knows its JSON."""
