"""The simulated world, and the ports over it."""
