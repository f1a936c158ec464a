"""The engine that asks a language model: rendering, schema, the call with its limits, and reading the answer."""
