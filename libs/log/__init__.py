"""Carries events: one port, two homes (a SQLite file, Kafka), and the manifest of topics."""
