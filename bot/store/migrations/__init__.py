"""How the schema came to be, revision by revision; run at every start, from the package itself."""
