"""The league: what its members publish, how it is checked, and what they are together."""
