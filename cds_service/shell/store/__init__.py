"""What the service remembers: cards shown, feedback, used tokens, knowledge versions, audit."""
