"""A desk on either home of the database, and silence about what goes wrong on purpose."""

import logging
from collections.abc import Iterator

import pytest

from tests.host.conftest import bench

__all__ = ["bench"]


@pytest.fixture(autouse=True)
def only_what_matters() -> Iterator[None]:
    """What goes wrong on purpose here need not be logged."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
