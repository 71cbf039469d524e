"""What things cost: the runner of ``make bench``, and the suites that need no Asterisk."""
