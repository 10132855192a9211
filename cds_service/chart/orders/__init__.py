"""An order understood: what, how much, how often, how long, which way; and, where it is not understood, what and why."""
