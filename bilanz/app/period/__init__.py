"""What becomes of a year: released, closed, restated, verified, compared."""
