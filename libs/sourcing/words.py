"""The kinds of text that a command may bring, with their bounds. Nothing here is stored."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from libs.events.base import Marker

NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_CONTROL),
]
"""One line in clear: a code, a name of an organ. Never words of or about a person."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,100}$")]
"""An identifier of the platform's or of another system."""

Adcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3})?$")]
"""An administrative code: six digits, nine for a street or town."""


def _say_something(words: str) -> str:
    if words.isspace():
        raise ValueError("blanks alone say nothing")
    return words


SayingSomething = AfterValidator(_say_something)

PersonalWords = Annotated[
    str, Marker.PERSONAL, StringConstraints(min_length=1, max_length=20_000), SayingSomething
]
"""Words of or about a person; the vault seals them before a rule sees them. Blanks alone are no words."""

OptionalPersonalWords = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=20_000), SayingSomething] | None,
    Marker.PERSONAL,
]

OptionalContact = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=20_000)] | None,
    Marker.PERSONAL,
    Marker.CONTACT,
]
"""A name or number by which a citizen is reached. Sealed under a key of its own, which may go before that of
the words (domain 5.1)."""

ContactList = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=2_000)], ...],
    Marker.PERSONAL,
    Marker.CONTACT,
]
"""Names of several people, under that key too."""

PersonalList = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=2_000)], ...], Marker.PERSONAL
]
