"""What services stand on. Each folder imports only those named after it in ARCHITECTURE.md."""
