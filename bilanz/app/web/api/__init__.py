"""The API for programs, below `/api/v1`; each module has a `router`."""
