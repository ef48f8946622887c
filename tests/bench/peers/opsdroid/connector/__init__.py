"""opsdroid's own connector without its schema, which turns the server's address into a function."""

from opsdroid.connector import rocketchat


class RocketChat(rocketchat.RocketChat):
    """As it is."""
