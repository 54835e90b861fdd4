"""A sentence in both languages: Chinese first, complete English beside it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str

    def of(self, language: str | None) -> str:
        """Return the English sentence for `en…`, the Chinese one for anything else."""
        return self.en if (language or "").startswith("en") else self.zh

    def __str__(self) -> str:
        return self.zh
