"""The ports, over the network."""
