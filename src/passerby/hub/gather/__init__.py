"""Takes what sites send: reads it with bounds, checks it, stores it, and only when it is on the disk says so."""

from passerby.hub.gather.desk import Desk
from passerby.hub.gather.metrics import GatherMetrics
from passerby.hub.gather.senders import Asked, Sender, SenderError, Verify

__all__ = ["Asked", "Desk", "GatherMetrics", "Sender", "SenderError", "Verify"]
