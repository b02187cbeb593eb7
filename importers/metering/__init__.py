"""Metering data of national portals and data hubs in JSON: documents → cells → points."""
