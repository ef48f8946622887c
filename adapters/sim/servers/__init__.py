"""The simulated world in the vendors' own protocols, on loopback."""
