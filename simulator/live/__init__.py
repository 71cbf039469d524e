"""Real processes and real SIP calls: the only part of the simulator that starts anything."""
