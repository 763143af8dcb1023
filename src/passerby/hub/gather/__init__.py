"""Takes what sites send: reads it with bounds, checks it, stores it, and only when it is on the disk says so."""

from passerby.hub.gather.senders import Asked, Sender, SenderError, Verify

__all__ = ["Asked", "Sender", "SenderError", "Verify"]
