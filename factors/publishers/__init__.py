"""One module per publisher: the layouts of its publications."""
