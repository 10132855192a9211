"""What is known of this patient, from which resource, on which day."""
