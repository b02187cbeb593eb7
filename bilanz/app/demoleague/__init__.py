"""A fictional league: Musterhafen and two smaller towns, one of them in another country and currency.

Nothing of it exists. Effects of projects are built into the deliveries of the towns (`towns.Meter.effect`),
so that what the page says was measured can be held against what was put in.
"""
