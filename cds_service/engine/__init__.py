"""Which cards, in which order, in which words, and why: cases and knowledge in, answers out."""
