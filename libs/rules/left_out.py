"""How many of a unit's cases may be left out of its score (考核剔除). It leaves nothing out and judges no case."""

from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ExclusionCap(BaseModel):
    """The largest share of a unit's cases that is left out of a rate of a period; what was approved beyond it
    counts. ``source``: by what law or decision. No law known here gives a cap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cap: Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
    source: Annotated[str, Field(max_length=300)] = ""

    @property
    def share(self) -> Fraction:
        """The cap as it is written: 0.07 of a hundred is seven, which a float is not."""
        return Fraction(str(self.cap))

    def most(self, cases: int) -> int:
        """How many of so many cases: what is not a whole case is none."""
        return int(self.share * cases)
