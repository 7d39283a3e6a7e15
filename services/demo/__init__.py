"""For the demo and the simulator page only."""
