"""The pages: what each shows of its document, by name in `registry`."""
