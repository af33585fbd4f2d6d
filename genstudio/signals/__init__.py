"""What several rooms need of a signal: face finding, motion channels, mel features, phone alignment."""
