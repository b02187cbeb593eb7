"""Files handed in through the web: received, read, mapped, committed, taken back."""
