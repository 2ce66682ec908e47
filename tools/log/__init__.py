"""Shows what lies in the log: lists it, follows it, tells a case's history. It changes nothing."""
