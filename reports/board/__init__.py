"""The page of a fund's board: who owes and paid, where the money went, what it achieved by the meters."""
