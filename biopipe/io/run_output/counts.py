"""What a part or a run holds, in numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from biopipe.document import Document

__all__ = ["Counts"]


@dataclass(slots=True)
class Counts:
    """What a part or a whole run holds; mentions, linked, relations and novel are counted by
    label.
    """

    inputs: int = 0
    documents: int = 0
    errors: int = 0
    windows: int = 0
    mentions: Counter[str] = field(default_factory=Counter)
    linked: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    novel: Counter[str] = field(default_factory=Counter)

    def add_documents(self, documents: Sequence[Document]) -> None:
        """Count annotated documents."""
        self.documents += len(documents)
        self.windows += sum(document.windows for document in documents)
        mentions = [mention for document in documents for mention in document.mentions]
        relations = [relation for document in documents for relation in document.relations]
        self.mentions.update(mention.label for mention in mentions)
        self.linked.update(mention.label for mention in mentions if mention.concept_ids)
        self.relations.update(relation.label for relation in relations)
        # True alone: None is a model that does not judge novelty.
        self.novel.update(relation.label for relation in relations if relation.novel)

    def add(self, other: "Counts") -> None:
        """Count everything that `other` counted."""
        for name in ("inputs", "documents", "errors", "windows"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("mentions", "linked", "relations", "novel"):
            getattr(self, name).update(getattr(other, name))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, labels in alphabetical order."""
        values = {count_field.name: getattr(self, count_field.name) for count_field in fields(self)}
        return {
            name: dict(sorted(value.items())) if isinstance(value, Counter) else value
            for name, value in values.items()
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Counts":
        """The counts that `to_dict` wrote."""
        counts = cls()
        for count_field in fields(cls):
            value = plain[count_field.name]
            setattr(counts, count_field.name, Counter(value) if isinstance(value, dict) else value)
        return counts
