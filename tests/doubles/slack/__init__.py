"""A Slack workspace for tests: Web API over HTTP, Socket Mode over WebSocket, strict where Slack is strict."""
