"""What the words of measurement and coding mean: codes, value sets, quantities, dates."""
