"""What if another policy pack had held? Replays a log's facts under it; it writes nothing anywhere."""
