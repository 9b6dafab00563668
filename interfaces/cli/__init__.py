"""The command line `attribution`: one file a noun, each parses, calls and renders."""
