"""Methods of the types that a plan has without an import: a module for each kind of value, and the tables."""
