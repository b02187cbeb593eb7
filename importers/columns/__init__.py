"""Column rules: which header means what, and how text becomes numbers and times."""
