"""A small web console: a second door with the same router, policy, approvals and audit as chat."""
