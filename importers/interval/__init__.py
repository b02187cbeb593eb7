"""Interval values: layouts of tables, values of messages, registers; from text to readings on a grid."""
