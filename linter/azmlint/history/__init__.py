"""What audits found before: kept in a database, compared, told to others."""
