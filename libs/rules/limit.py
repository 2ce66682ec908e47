"""One time limit, in exactly one unit. It knows no calendar and computes no date."""

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Limit(BaseModel):
    """How much time a step may take; give exactly one of the four units.

    `wd` working days and `cd` calendar days (both end at 24:00 Asia/Shanghai), `bh` business
    hours, `h` hours by the clock, 24x7. `roll` is read for `cd` alone: a last day off work moves
    to the next working day (民法典 Art. 203). `source` names the law or standard, as far as known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    wd: int | None = Field(default=None, gt=0)
    cd: int | None = Field(default=None, gt=0)
    bh: float | None = Field(default=None, gt=0)
    h: float | None = Field(default=None, gt=0)
    roll: bool = True
    source: str = ""

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
