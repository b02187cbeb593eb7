"""What the readers of meter data in XML share: columns of texts, instants, rules for single values."""
