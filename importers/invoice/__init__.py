"""Electronic invoices (EN 16931): syntax, meaning of the lines, records."""
