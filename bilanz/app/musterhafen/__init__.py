"""The fictional harbour city of Musterhafen: files as real agencies hand them in, blemishes included.

Nothing in here exists. Every file says so, every run writes the same bytes (no clock, no random source), and
no figure may be quoted. Each module writes the files of one kind; `bilanz.app.demo` puts them together.
"""
