"""Names for the slots of frames, drawn from tables, bases and what texts have."""

from bisect import bisect
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from biopipe.document.labels import VARIANT
from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kinds.registry import concept_types_of
from biopipe.train.frames.base_names import VocabularyNames, WrittenName
from biopipe.train.frames.slots import MOUSE_GENES, NameSlot, TableName, name_slots, table_names
from biopipe.train.frames.variants import VARIANT_FORMS, draw_variant

__all__ = ["FrameName", "SlotNames", "slot_names"]

# Of variants, most are made, so that the few famous ones are not learned by heart.
_MADE_VARIANTS = 0.8
_TRIES = 50
# Where the orthologue in mice has a name of its own (MGI); others have the symbol in small letters.
_MOUSE_SYMBOLS = {"TP53": "Trp53"}


@dataclass(frozen=True, slots=True)
class FrameName:
    """A name for a slot, with its label, the ids of its concept, if a base has it, and the long
    form of a short one.
    """

    text: str
    label: str
    concept_ids: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class SlotNames:
    """What a slot's names are drawn from: the rows of the tables, the names of bases that it takes,
    and those of them that texts have, with the running sum of how often.

    `frequent` is the share that is drawn from rows and in proportion to counts, half of it each, or
    less by counts where fewer names are counted than there are rows; the rest is any name of rows
    and bases alike.
    """

    slot: NameSlot
    rows: Sequence[FrameName]
    others: Sequence[FrameName]
    counted: Sequence[FrameName] = ()
    sums: Sequence[int] = ()
    frequent: float = 0.6
    left_out: frozenset[str] = field(default=frozenset(), repr=False)

    def draw(self, random: Random) -> FrameName:
        """A name; made names of variants that are left out are drawn again.

        ConfigError where all names are left out.
        """
        if self.rows or self.others or self.slot.label == VARIANT:
            for _ in range(_TRIES):
                name = self._drawn(random)
                if name.text.casefold() not in self.left_out:
                    return name
        raise ConfigError(
            f"All names of the slot '{self.slot.name}' are left out; leave fewer out or give more "
            "knowledge bases."
        )

    def _drawn(self, random: Random) -> FrameName:
        form = _variant_form(self.slot, random)
        if form and (not self.rows or random.random() < _MADE_VARIANTS):
            return FrameName(draw_variant(form, random), VARIANT)
        if random.random() < self.frequent:
            # Few names that happened to be counted must not drive out many.
            by_count = 0.5 * min(1.0, len(self.counted) / max(1, len(self.rows)))
            if self.counted and (not self.rows or random.random() < by_count):
                # By the running sums: as likely as the name is frequent.
                return self.counted[bisect(self.sums, random.random() * self.sums[-1])]
            if self.rows:
                return random.choice(self.rows)
        # A place in rows and others together, without a list of both for every draw.
        place = random.randrange(len(self.rows) + len(self.others))
        inside = place < len(self.rows)
        return self.rows[place] if inside else self.others[place - len(self.rows)]


def slot_names(
    vocabulary: VocabularyNames,
    bases: Sequence[KnowledgeBase] = (),
    *,
    left_out: Collection[str] = (),
    frequent: float = 0.6,
) -> dict[str, SlotNames]:
    """The names of every slot, without those `left_out` in any case of letters."""
    folded = frozenset(name.casefold() for name in left_out)
    linked = {row: _linked(row, bases) for row in table_names()}
    names = {}
    for slot in name_slots().values():
        rows = [
            _written_for(slot, name)
            for row, name in linked.items()
            if _takes_row(slot, row)
            and folded.isdisjoint({row.text.casefold(), row.meaning.casefold()})
        ]
        own = {name.text.casefold() for name in rows}
        others = [
            name
            for name in _of_bases(vocabulary.all, slot)
            if name.text.casefold() not in folded | own
        ]
        counted = [
            name
            for name in _of_bases(vocabulary.counted, slot, rows)
            if name.text.casefold() not in folded
        ]
        names[slot.name] = SlotNames(
            slot,
            rows,
            [_written_for(slot, _frame_name(name)) for name in others],
            [_written_for(slot, _frame_name(name)) for name in counted],
            list(accumulate(name.count for name in counted)),
            frequent=frequent,
            left_out=folded,
        )
    return names


def _takes_row(slot: NameSlot, row: TableName) -> bool:
    if slot.name == slot.label:
        of_row = name_slots()[row.slot]
        return of_row.label == slot.label and of_row.general
    return row.slot == _source(slot).name


def _source(slot: NameSlot) -> NameSlot:
    """The slot whose names a slot takes: itself, but for genes of mice."""
    return name_slots()["Gene.symbol"] if slot.name == MOUSE_GENES else slot


def _of_bases(
    names: Mapping[str, Sequence[WrittenName]], slot: NameSlot, rows: Sequence[FrameName] = ()
) -> list[WrittenName]:
    """The names of bases that have a slot's form, or that its rows have as well."""
    form, own = _source(slot).form, {name.text.casefold() for name in rows}
    return [
        name
        for name in names.get(slot.label, ())
        if (form and form.fullmatch(name.text)) or name.text.casefold() in own
    ]


def _linked(row: TableName, bases: Sequence[KnowledgeBase]) -> FrameName:
    """The name of a row with the first concept that a base has for its meaning."""
    label = name_slots()[row.slot].label
    for base in bases:
        for candidate in base.lookup(row.meaning, types=concept_types_of(label)):
            return FrameName(row.text, label, (candidate.concept_id,), row.meaning)
    return FrameName(row.text, label, meaning=row.meaning)


def _frame_name(name: WrittenName) -> FrameName:
    return FrameName(name.text, name.label, (name.concept_id,))


def _written_for(slot: NameSlot, name: FrameName) -> FrameName:
    """A name as the slot has it: symbols of genes of mice, which are not the concepts of humans'."""
    if slot.name != MOUSE_GENES:
        return name
    symbol = _MOUSE_SYMBOLS.get(name.text, name.text[:1] + name.text[1:].lower())
    return FrameName(symbol, name.label)


def _variant_form(slot: NameSlot, random: Random) -> str:
    """The slot whose form made variants of `slot` have; "" for other labels."""
    if slot.label != VARIANT:
        return ""
    if slot.name != VARIANT:
        return slot.name
    return random.choice([form for form in VARIANT_FORMS if name_slots()[form].general])
