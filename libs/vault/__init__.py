"""Keeps the key of every case, and seals and opens words with it. Nothing else may hold a key."""
