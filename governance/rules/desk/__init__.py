"""Where rules are written, previewed and decided on (规则编制)."""
