"""Where traffic of nodes may go: security groups, routes, and what decides."""
