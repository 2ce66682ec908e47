"""Sends notices to people through gateways, at least once: the port, the kept deliveries, the sender."""
