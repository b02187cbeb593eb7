"""Awards and contracts: money promised, brought from notices of any format into records of one kind."""
