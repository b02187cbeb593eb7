"""The parts of the fuel-card importer: fields, products, and what is implausible at a pump."""
