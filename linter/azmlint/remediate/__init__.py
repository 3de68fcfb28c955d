"""From the findings of an audit to ordered steps; azmlint writes them down and runs none."""
