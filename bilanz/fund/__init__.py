"""The common fund of a league: what members owe, where the money goes, and what it achieves."""
