"""Charging sessions of electric vehicles: what a charge point gave, from when to when."""
