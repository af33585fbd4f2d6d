"""Identity kept: voices (`speaker`) and error rates of telling people apart (`verification`)."""
