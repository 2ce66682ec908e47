"""What a record of the log says of itself, read once for all who hear it in this process."""

from libs.events.envelope import Attributes, BadEnvelope, read_attributes
from libs.log.headers import TextHeaders
from libs.log.port import Record

BROKEN = BadEnvelope, UnicodeDecodeError, TypeError, AttributeError
"""What reading a record can raise that nobody of ours has written."""


def attributes_of(record: Record) -> Attributes:
    """A record's headers, checked. Raises ``BadEnvelope``."""
    if not record.made:
        headers = record.headers
        texts = headers.texts() if isinstance(headers, TextHeaders) else headers
        record.made.append(read_attributes(texts))
    attributes: Attributes = record.made[0]
    return attributes
