"""What the caller hears and presses: a pure description and a pure interpreter of it."""
