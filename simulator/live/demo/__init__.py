"""``make demo``: real calls through the sample hotline, judged by what both ends heard."""
