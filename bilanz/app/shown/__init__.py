"""Which part of which run somebody may see, and how it is answered."""
