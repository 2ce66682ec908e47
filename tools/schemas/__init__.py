"""The gate on the shape of events: what was released is never changed. It reads no log."""
