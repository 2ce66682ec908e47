"""One time limit, in exactly one unit. It knows no calendar and computes no date."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

Days = Annotated[int, Field(strict=True, gt=0, le=3_660)]
Hours = Annotated[float, Field(strict=True, gt=0, le=87_600, allow_inf_nan=False)]
"""Ten years at most: what is longer is a slip of the pen, and no calendar covers it."""


class Limit(BaseModel):
    """How much time a step may take; give exactly one of the four units.

    `wd` working days and `cd` calendar days (both end at 24:00 Asia/Shanghai), `bh` business
    hours, `h` hours by the clock, 24x7. `roll` is read for `cd` alone: a last day off work moves
    to the next working day (民法典 Art. 203). `source` names the law or standard, as far as known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    wd: Days | None = None
    cd: Days | None = None
    bh: Hours | None = None
    h: Hours | None = None
    roll: StrictBool = True
    source: Annotated[str, Field(max_length=300)] = ""

    @model_validator(mode="after")
    def _has_one_unit(self) -> "Limit":
        given = [u for u in ("wd", "cd", "bh", "h") if getattr(self, u) is not None]
        if len(given) != 1:
            raise ValueError(f"a limit has exactly one of wd, cd, bh, h; given: {given or 'none'}")
        return self

    @property
    def words(self) -> str:
        """The limit as a clerk says it, e.g. 7个工作日."""
        if self.wd is not None:
            return f"{self.wd}个工作日"
        if self.cd is not None:
            return f"{self.cd}日"
        if self.bh is not None:
            return f"{self.bh:g}个工作小时"
        return f"{self.h:g}小时"
