"""Usage: reports read, statements reconciled into increments, attempts that make them count."""
