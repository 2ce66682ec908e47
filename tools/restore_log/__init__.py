"""Puts back into the log what it has lost, from the streams of the services. It states nothing new."""
