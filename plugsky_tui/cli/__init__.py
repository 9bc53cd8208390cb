"""One module per subcommand, imported only when used."""
