"""The prompt room: what callers hear, how it is spoken, built and checked."""
