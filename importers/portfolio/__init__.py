"""Consumption of buildings as cities and ENERGY STAR Portfolio Manager list it."""
