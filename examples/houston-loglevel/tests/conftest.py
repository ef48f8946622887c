"""The fixtures of Houston's own command tests."""

pytest_plugins = ["houston.testing"]
