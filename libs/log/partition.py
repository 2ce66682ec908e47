"""Which partition a key belongs to: murmur2, as Kafka's own producers do, in both homes."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=16384)
def partition_of(key: str, partitions: int) -> int:
    """The partition of a key among so many. Never changes for a given count."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)
