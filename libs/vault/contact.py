"""How the key of a case's contact data is called. It holds no key."""

ENDING = "/contact"


def contact_key(case_id: str) -> str:
    """The name of the key under which name and number of a case are sealed, apart from its words."""
    return case_id + ENDING
