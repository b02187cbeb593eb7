"""The composition root: settings, command line, batch runs, demo."""
