"""Dashboards and exports made of a calculation result."""
