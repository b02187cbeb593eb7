"""Tables of any layout, declared column by column and read as records."""
