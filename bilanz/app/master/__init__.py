"""Master data as files, workbooks, forms and rows: whose they are, and what they must keep to."""
