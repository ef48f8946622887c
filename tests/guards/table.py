"""Every guard that only a whole operation can show, each with the test that fails without it."""

from tests.guards.ballots import BALLOTS

GUARDS = BALLOTS
