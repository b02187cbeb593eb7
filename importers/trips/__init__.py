"""Distances: log books of vehicles, mileage of transport operators, trips of travel expenses."""
