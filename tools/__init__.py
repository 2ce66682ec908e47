"""Commands that stand beside the platform. Nothing in libs or services imports them."""
