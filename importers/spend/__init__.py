"""Lists of payments: what their columns are called, and the layouts whose currency is known."""
