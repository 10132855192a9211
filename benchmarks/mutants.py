"""Mutants: each comparison and connective of ``rules/`` and ``findings/`` turned once, each number moved one step."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import CodeType

from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.parameters import Parameter, change
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity

ROOT = Path(__file__).parent.parent
ROOMS = ("rules", "findings")
TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True)
class Mutant:
    """One change, named by what it changes and not by a line number, so that its explanation outlives an edit elsewhere."""

    module: str
    """``findings/calcium.py``, ``cards/oxygen.yaml``, ``cards/parameters.yaml``."""
    place: str
    """The function, or the parameter."""
    change: str
    """``hours <= window -> hours < window``, ``24 h -> 25 h``."""
    line: int = 0


@dataclass(frozen=True)
class CodeMutant(Mutant):
    """One operator of a module turned."""

    node: int | None = None
    """Its number in a walk of the module's tree; ``None``: the module as it stands, which must pass."""
    operand: int | None = None
    """Which comparison of a chain; ``None`` for a connective."""

    @property
    def name(self) -> str:
        """Dotted name of the module."""
        return f"cds_service.{self.module.removesuffix('.py').replace('/', '.')}"

    def code(self) -> CodeType:
        """The module as it reads with the change."""
        path = ROOT / "cds_service" / self.module
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if self.node is not None:
            _turn(list(ast.walk(tree))[self.node], self.operand)
        return compile(tree, str(path), "exec")


@dataclass(frozen=True)
class NumberMutant(Mutant):
    """One number of a card, or one that cards share, moved a step."""

    moved: Mapping[str, Parameter] = field(default_factory=dict, compare=False)
    """For each card that has it, by topic: the parameter with the other value."""


def code_mutants(path: Path) -> Iterator[CodeMutant]:
    """Every comparison and connective of a module, each turned once."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = _functions(tree)
    seen: Counter[tuple[str, str]] = Counter()
    for number, node in enumerate(list(ast.walk(tree))):
        for operand in _operands(node):
            before = ast.unparse(node)
            undo = _turn(node, operand)
            said = f"{before} -> {ast.unparse(node)}"
            _restore(node, operand, undo)
            place = functions.get(node, "")
            seen[place, said] += 1
            if (nth := seen[place, said]) > 1:
                said = f"{said} ({nth})"
            yield CodeMutant(
                f"{path.parent.name}/{path.name}", place, said, getattr(node, "lineno", 0), number, operand
            )


def _functions(tree: ast.Module) -> dict[ast.AST, str]:
    """The function or class that each node stands in; the innermost is written last."""
    found: dict[ast.AST, str] = {}

    def enter(node: ast.AST, name: str) -> None:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, ast.FunctionDef | ast.ClassDef)
            inner = ".".join(part for part in (name, getattr(child, "name", "")) if part) if named else name
            found[child] = inner
            enter(child, inner)

    enter(tree, "")
    return found


def _operands(node: ast.AST) -> Iterator[int | None]:
    if isinstance(node, ast.Compare):
        yield from (place for place, operator in enumerate(node.ops) if type(operator) in TURNED)
    if isinstance(node, ast.BoolOp):
        yield None


def _turn(node: ast.AST, operand: int | None) -> ast.AST:
    """Turn an operator in place, and give the one that stood there."""
    if isinstance(node, ast.Compare) and operand is not None:
        old: ast.AST = node.ops[operand]
    else:
        assert isinstance(node, ast.BoolOp)
        old = node.op
    _restore(node, operand, TURNED[type(old)]())
    return old


def _restore(node: ast.AST, operand: int | None, operator: ast.AST) -> None:
    if isinstance(node, ast.Compare) and operand is not None:
        assert isinstance(operator, ast.cmpop)
        node.ops[operand] = operator
    else:
        assert isinstance(node, ast.BoolOp) and isinstance(operator, ast.boolop)
        node.op = operator


def number_mutants(knowledge: Knowledge) -> Iterator[NumberMutant]:
    """Every number moved one step of its last given place up and down, as far as its range admits.

    A number that cards share is one number: it is moved in all of them at once.
    """
    sharing: dict[str, list[CardDefinition]] = {}
    for card in knowledge.cards.values():
        for parameter in card.parameters.values():
            if parameter.shared:
                sharing.setdefault(parameter.shared, []).append(card)
    done: set[str] = set()
    for card in knowledge.cards.values():
        for parameter in card.parameters.values():
            if parameter.shared in done or parameter.between is None:
                continue
            done.update({parameter.shared} - {""})
            module = "cards/parameters.yaml" if parameter.shared else card.file
            cards = sharing[parameter.shared] if parameter.shared else [card]
            for moved, said in moved_numbers(parameter):
                each = {
                    one.topic: replace(own, value=moved.value)
                    for one in cards
                    for own in one.parameters.values()
                    if own is parameter or (own.shared and own.shared == parameter.shared)
                }
                yield NumberMutant(module, parameter.shared or parameter.name, said, moved=each)


def moved_numbers(parameter: Parameter) -> Iterator[tuple[Parameter, str]]:
    """A parameter with its number one step lower and higher, and how that reads.

    A limit that is stated in several units is moved in each of them alone.
    """
    stated = _stated(parameter)
    for index, (value, unit) in enumerate(stated):
        step = Decimal(1).scaleb(min(0, int(value.as_tuple().exponent)))
        for other in (value - step, value + step):
            numbers = [*stated[:index], (other, unit), *stated[index + 1 :]]
            leading, also = numbers[0], {known: number for number, known in numbers[1:]}
            try:
                moved = change(parameter, f"{leading[0]} {leading[1]}".strip(), also, "mutant")
            except ValueError:  # outside what a site may choose
                continue
            yield moved, f"{value} {unit} -> {other} {unit}".replace("  ", " ").strip()


def _stated(parameter: Parameter) -> list[tuple[Decimal, str]]:
    """The numbers of a parameter as they are written, each with its unit."""
    value = parameter.value
    if isinstance(value, Limit):
        return [(one.value, one.unit) for one in value.stated]
    if isinstance(value, Quantity):
        return [(value.value, value.unit)]
    if isinstance(value, Span):
        number, unit = parameter.text.split()
        return [(Decimal(number), unit)]
    assert isinstance(value, int | Decimal)
    return [(Decimal(value), parameter.unit)]
