"""A command's signature is its declaration: usage, parsing, help and needs come from it.

Left of `*` stands what the person types, right of it what Houston gives, by type.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from bot.arguments import Parameter, convert, parameter_of
from bot.cards import Card
from bot.errors import UsageError
from bot.plan import Actions, Bound, Check, Plan
from bot.roles import Role

Facts = TypeVar("Facts")
Needs = Mapping[type, object]


@dataclass(frozen=True)
class Redirect:
    """A command's answer that is another command line, run as the same person."""

    line: str


Answer = Card | Redirect


def _as_given(kind: type, need: object) -> object:
    del kind
    return need


class Command:
    """A command as declared: what is typed, what it needs, who may, and what it does by hand."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Awaitable[Any]],
        *,
        role: Role,
        guide: str,
        manual: Sequence[str],
        examples: Sequence[str],
        while_off: bool = False,
        private: bool | None = None,
    ) -> None:
        self.name = name
        self.function = function
        self.role = role
        self.guide = guide
        self.manual = tuple(manual)
        self.examples = tuple(examples)
        self.while_off = while_off
        self.private = role is Role.ANYONE if private is None else private
        self.view: Callable[[type, object], object] = _as_given
        """How it sees what it is given, before anything is approved."""
        hints = get_type_hints(function, include_extras=True)
        signature = inspect.signature(function)
        self.parameters = tuple(
            parameter_of(parameter, hints[parameter.name])
            for parameter in signature.parameters.values()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        )
        self.needs = _needs(function)
        self.help = inspect.getdoc(function) or ""

    @property
    def summary(self) -> str:
        return self.help.split("\n", 1)[0]

    @property
    def all_needs(self) -> dict[str, type]:
        """Everything Houston has to give."""
        return self.needs

    @property
    def tier(self) -> str:
        """How much can go wrong: `none` for what changes nothing."""
        return "none"

    @property
    def usage(self) -> str:
        return " ".join(["!" + self.name, *(parameter.usage for parameter in self.parameters)])

    def read(self, words: Sequence[str]) -> dict[str, Any]:
        """The arguments by name. Raises UsageError with the usage and the reason."""
        plain, given = self._sorted(words)
        values: dict[str, Any] = {p.name: p.default for p in self.parameters}
        for parameter in self.parameters:
            if parameter.flag:
                values[parameter.name] = parameter.name in given
                continue
            if parameter.option:
                taken = given.get(parameter.name, [])
            else:
                taken = plain[:] if parameter.rest else plain[:1]
                del plain[: len(taken)]
            if any(word.strip() for word in taken):
                values[parameter.name] = self._value(parameter, parameter.joined(taken))
            elif parameter.required:
                raise self.misfit(f"{parameter.label} is missing.")
        if plain:
            raise self.misfit(f"`{plain[0][:40]}` is one word too many.")
        return values

    def _sorted(self, words: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
        """What stands at its place, and what was given by name."""
        options = {p.spelled: p for p in self.parameters if p.spelled}
        plain: list[str] = []
        given: dict[str, list[str]] = {}
        left = list(words)
        while left:
            word = left.pop(0)
            name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
            option = options.get(name.lower())
            if option is None and word.startswith("--") and not self._within_a_line(plain):
                raise self.misfit(f"`{word[:40]}` is no option of `!{self.name}`.")
            if option is None:
                plain.append(word)
            elif option.flag:
                given[option.name] = []
            elif equals or left:
                given[option.name] = [value if equals else left.pop(0)]
            else:
                raise self.misfit(f"`{name}` needs {option.label} behind it.")
        return plain, given

    def _within_a_line(self, plain: Sequence[str]) -> bool:
        """Whether the next word belongs to the line of another command."""
        places = [parameter for parameter in self.parameters if not parameter.spelled]
        return any(parameter.line for parameter in places[: len(plain)])

    def misfit(self, reason: str) -> UsageError:
        """The error for words that do not fit, naming the usage and an example."""
        example = f", for example `{self.examples[0]}`" if self.examples else ""
        return UsageError(reason, f"Type `{self.usage}`{example}")

    def _value(self, parameter: Parameter, text: str) -> Any:
        try:
            return convert(parameter, text)
        except UsageError as error:
            raise self.misfit(error.message) from None

    async def call(self, arguments: Mapping[str, Any], needs: Needs) -> Any:
        """Run it with what the person typed and what Houston gives."""
        seen = {name: self.view(kind, needs[kind]) for name, kind in self.needs.items()}
        return await self.function(**arguments, **seen)


class Operation(Command, Generic[Facts]):
    """A command that changes the outside: the function plans, `actions` says how."""

    facts: type[Facts]
    acts: Callable[..., Actions] | None = None
    """Gives the actions from the facts alone."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Awaitable[Any]],
        *,
        unbound: Mapping[Bound, str],
        **rest: Any,
    ) -> None:
        super().__init__(name, function, private=False, **rest)
        self.unbound = unbound
        """What its approval is not bound to, and why that is no gap."""
        returns = get_type_hints(function)["return"]
        if get_origin(returns) is not Plan:
            raise TypeError(f"!{name} is an operation and must return Plan[...], not {returns}")
        (self.facts,) = get_args(returns)

    def actions(self, function: Callable[..., Actions]) -> Callable[..., Actions]:
        """Decorator for the function that gives the actions from the facts alone, without I/O."""
        self.acts = function
        return function

    def steps(self, facts: Facts, needs: Needs) -> Actions:
        """The actions for these facts.

        Raises TypeError when their titles are not unique, or none of them is a check.
        """
        if self.acts is None:
            raise TypeError(f"!{self.name} declares no actions")
        found = self.acts(facts, **_given(_needs(self.acts), needs))
        titles = [action.title for action in found]
        if len(set(titles)) != len(titles):
            raise TypeError(f"!{self.name}: two actions share a title")
        if not any(isinstance(action, Check) for action in found):
            raise TypeError(f"!{self.name} verifies nothing: no check is among its actions")
        return found

    @property
    def tier(self) -> str:
        """The plan says it, from what exactly would change."""
        return "by plan"

    @property
    def all_needs(self) -> dict[str, type]:
        """What planning and acting need together."""
        return {**self.needs, **(_needs(self.acts) if self.acts else {})}


def command(
    name: str,
    *,
    role: Role = Role.ANYONE,
    guide: str = "",
    manual: Sequence[str] = (),
    examples: Sequence[str] = (),
    while_off: bool = False,
    private: bool | None = None,
) -> Callable[[Callable[..., Awaitable[Answer]]], Command]:
    """Declare a command that answers and changes nothing outside.

    Args:
        name: what is typed after the prefix.
        role: what a person must be to run it.
        guide: the section of the user's operations guide it takes the place of.
        manual: the lines a person types to do the same by hand.
        examples: command lines that work as they stand.
        while_off: it is of use while the cluster is off too, although it asks the cluster.
        private: it is answered in direct messages too; None: when everybody may run it.
    """

    def declare(function: Callable[..., Awaitable[Answer]]) -> Command:
        return Command(
            name,
            function,
            role=role,
            guide=guide,
            manual=manual,
            examples=examples,
            while_off=while_off,
            private=private,
        )

    return declare


def operation(
    name: str,
    *,
    role: Role = Role.OPERATOR,
    guide: str = "",
    manual: Sequence[str] = (),
    examples: Sequence[str] = (),
    while_off: bool = False,
    unbound: Mapping[Bound, str] = MappingProxyType({}),
) -> Callable[[Callable[..., Awaitable[Plan[Facts]]]], Operation[Facts]]:
    """Declare a command that changes the outside; see `command` for the other arguments.

    Args:
        unbound: what its approval is not bound to, each with the reason why that is no gap.
    """

    def declare(function: Callable[..., Awaitable[Plan[Facts]]]) -> Operation[Facts]:
        return Operation(
            name,
            function,
            role=role,
            guide=guide,
            manual=manual,
            examples=examples,
            while_off=while_off,
            unbound=unbound,
        )

    return declare


def _needs(function: Callable[..., Any]) -> dict[str, type]:
    hints = get_type_hints(function)
    parameters = inspect.signature(function).parameters.values()
    return {p.name: hints[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY}


def _given(wanted: Mapping[str, type], needs: Needs) -> dict[str, object]:
    return {name: needs[kind] for name, kind in wanted.items()}
