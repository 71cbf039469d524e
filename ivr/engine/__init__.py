"""Event, cores, effects by class: the pure driver."""
