"""What a training step costs: the timing protocol, its processes and its tables."""
