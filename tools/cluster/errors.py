"""What can go wrong with the cluster, in words to act on. Nothing here starts anything."""


class PartMissing(Exception):
    """Something must be installed or reachable first; the message says what."""


class NotReady(Exception):
    """A part was started, or asked to start, and does not serve; the message says why."""
