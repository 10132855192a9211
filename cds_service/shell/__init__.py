"""The outermost room: the only one that meets clock, network, disk, environment and Flask."""
