"""The command line: the same engine and presenters as the screens, JSON in and out."""
