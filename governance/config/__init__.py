"""Settings, routes and entry points (配置); the environment is read here only."""
