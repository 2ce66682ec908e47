"""What the starter of processes gives out."""

from tools.cluster.children import free_port


def test_no_port_is_given_out_twice() -> None:
    # Two servers once got the same one before either listened: the second could never start. Of 600 ports
    # drawn from 12,000 some would be the same but once in three million times.
    ports = [free_port() for _ in range(600)]
    assert len(set(ports)) == len(ports)
