"""What the CDS Hooks protocol says: requests, responses, discovery, feedback and errors on the wire."""
