"""The innermost layers: labels, labelled values, errors and diagnostics. Standard library only."""
