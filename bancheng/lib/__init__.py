"""Plain Python that knows no framework: refusals, hooks, dated rows, identifiers, signatures."""
