"""Who signs in, with what, and who grants it."""
