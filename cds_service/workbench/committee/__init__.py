"""Committee mode: a change of the knowledge is proposed by one person, signed by another, promoted, and taken back, on the page."""
