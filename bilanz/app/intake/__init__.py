"""From a file to the store: found, read, held against what it states itself, kept, committed."""
