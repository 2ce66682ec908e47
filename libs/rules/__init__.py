"""What law and policy say, as pure functions and values: time, packs, taxonomy, units, screening.

Nothing here waits, writes, knows the time or a citizen. `rules.py` puts it together: start there.
`reference.py` makes it of the editions that a city publishes, `sheets.py` reads and writes these.
"""
