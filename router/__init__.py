"""Who gets which contact, when, and why: a pure state machine, events in, effects out."""
