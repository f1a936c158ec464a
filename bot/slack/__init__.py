"""The desk in Slack: the app, who asks, what came in, what goes out."""
