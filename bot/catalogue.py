"""Every command by name, and the one a line means."""

from __future__ import annotations

from collections.abc import Collection

from bot.arguments import suggestions
from bot.cards import code
from bot.command import Command
from bot.errors import ConfigError, UsageError
from bot.speech import Words, parse

_LONGEST_NAME = 3
"""Words of a command's name."""


class Catalogue(dict[str, Command]):
    """Every command by name. A name has one word or more: `app`, `app diff`, `cluster status`."""

    def check(self, given: Collection[type]) -> None:
        """Raises ConfigError when a command needs what nobody gives."""
        for known in self.values():
            for name, kind in known.all_needs.items():
                if kind not in given:
                    raise ConfigError(
                        f"!{known.name} needs {name}: {kind.__name__}, which nobody gives",
                        "Name a port of bot.ports",
                    )

    def of(self, line: str) -> tuple[Command, Words]:
        """As `resolve`, for a whole line such as `!scale presence 2`."""
        words = parse(line.removeprefix("!"))
        if words is None:
            raise UsageError("That is no command.", "Type `!help`")
        return self.resolve(words)

    def resolve(self, words: Words) -> tuple[Command, Words]:
        """The command with the longest name that fits, and the words under that name.

        Raises UsageError that names the nearest ones.
        """
        spoken = (words.name, *(word.lower() for word in words.arguments))
        for length in range(min(len(spoken), _LONGEST_NAME), 0, -1):
            found = self.get(" ".join(spoken[:length]))
            if found and not (length < len(spoken) and self._means_another(found)):
                return found, Words(found.name, words.arguments[length - 1 :])
        raise self._unknown(words)

    def begins(self, word: str) -> bool:
        """Whether a command's name begins with this word."""
        return any(name.split()[0] == word for name in self)

    def below(self, word: str) -> list[str]:
        """The names of several words that begin with this one."""
        return sorted(name for name in self if name.startswith(f"{word} "))

    def _means_another(self, found: Command) -> bool:
        """A word behind a command that takes none must belong to a longer name."""
        return not found.parameters and bool(self.below(found.name))

    def _unknown(self, words: Words) -> UsageError:
        longer = self.below(words.name)
        if longer and not words.arguments:
            shown = ", ".join(f"`!{name}`" for name in longer)
            return UsageError(f"`!{words.name}` needs one more word.", f"There are {shown}")
        said = f"{words.name} {words.arguments[0]}" if longer else words.name
        near = suggestions(said, longer or list(self))
        known = f"There are {', '.join(f'`!{name}`' for name in longer)}" if longer else ""
        hint = f"Did you mean {' or '.join(f'`!{word}`' for word in near)}?" if near else known
        return UsageError(f"There is no command {code('!' + said[:60])}.", hint or "Type `!help`")
