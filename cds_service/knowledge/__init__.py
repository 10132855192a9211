"""What the informaticist wrote: card files read, checked and bound to their rules."""
