"""Plays a file of messages through the six services on a virtual clock. For measuring and for trying."""
