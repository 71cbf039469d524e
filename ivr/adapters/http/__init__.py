"""Other systems over HTTP: the only part that knows status codes."""
