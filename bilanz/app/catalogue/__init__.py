"""What a data directory adds to the catalogue of factors, and which of them a year takes."""
