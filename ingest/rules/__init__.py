"""The rules engine: understands a mail from dictionaries, labels, tables and sentence roles."""
