"""From a number back to factor, candidates that lost, file and row."""
