"""Mapping profiles: how one sender's layout is read, as data that can be saved and shared."""
