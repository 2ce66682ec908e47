"""A frozen value with some fields changed, as ``dataclasses.replace`` has it, but faster. It knows no rule.

Every fact changes a state, and the library's own way looks each field up and builds the value anew by its
``__init__``: for a state of thirty fields four times as long as to copy the slots.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # so that the type checker knows each field
    from dataclasses import replace as replace
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """The value with these fields changed. Raises ``TypeError`` for a field that it does not have."""
        copied, setters = _way(value.__class__)
        new = copied(value)
        try:
            for name, changed in changes.items():
                setters[name](new, changed)
        except KeyError as error:
            raise TypeError(f"{value.__class__.__name__} has no field {error}") from None
        return new


Setter = Callable[[Any, Any], None]


@cache
def _way(cls: type[Any]) -> tuple[Callable[[Any], Any], Mapping[str, Setter]]:
    """How a value of a class is copied, and its fields are set past the check that it is frozen.

    The copying is written out field by field, as ``dataclass`` writes ``__init__``. Raises ``TypeError`` for a
    class without slots, or one that does more when a value is made.
    """
    if "__slots__" not in vars(cls) or hasattr(cls, "__post_init__"):
        raise TypeError(f"{cls.__name__} is copied by dataclasses.replace alone")
    setters = {each.name: getattr(cls, each.name).__set__ for each in fields(cls)}
    lines = [f"    set_{name}(new, old.{name})" for name in setters]
    text = "\n".join(["def copied(old):", "    new = empty(cls)", *lines, "    return new"])
    known: dict[str, Any] = {f"set_{name}": setter for name, setter in setters.items()}
    known |= {"empty": object.__new__, "cls": cls}
    exec(text, known)
    return known["copied"], setters
