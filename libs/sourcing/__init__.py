"""From a command to stored events: deciders, the kept tables, and the two homes of a database."""
