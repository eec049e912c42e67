"""Telegram: private chats only, by polling or webhook. Off unless a bot token is set.

`runner.Telegram` is what commands start. `channel` answers one update, `arrivals` reads what it is, `rendering` writes replies in
Telegram's HTML, `sending` backs off and tries again, `polling` confirms only what was answered, `seen` answers each update once, and
`election` lets one of several replicas poll. Chat ids are only ever kept as keyed hashes, in memory.
"""
