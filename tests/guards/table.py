"""Every guard that only a whole operation can show, each with the test that fails without it."""

from tests.guards.apart import APART
from tests.guards.ballots import BALLOTS
from tests.guards.console import CONSOLE
from tests.guards.decided import DECIDED
from tests.guards.doors import DOORS
from tests.guards.gate import CONFIRMED, STARTED
from tests.guards.said import SAID
from tests.guards.twice import TWICE

GUARDS = (*BALLOTS, *DECIDED, *STARTED, *CONFIRMED, *TWICE, *DOORS, *CONSOLE, *SAID, *APART)
