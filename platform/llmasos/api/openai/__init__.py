"""The endpoints under /v1 that programs written for OpenAI's API use unchanged."""
