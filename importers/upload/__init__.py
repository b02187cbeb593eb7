"""The parts of the standard upload: its fields, its words, its template and the rules of its rows."""
