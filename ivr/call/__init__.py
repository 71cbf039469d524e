"""One contact on one node from arrival to end: pure, events in, effects out."""
