"""Sustainability accounting for cities, their agencies and municipal enterprises."""

__version__ = "0.1.0"
