"""Where commits are kept: the port and its back ends."""
