"""What waits at a site for its hub: kept on the disk, sent until the hub says that it has it.

`Outbox` keeps batches, `Sender` sends them, `HttpPost` is the way. A site's own tallies are sealed by `site.outbox`.
"""

from passerby.records.outbox.mending import go_on_under_new_name
from passerby.records.outbox.outbox import FullError, Offer, Outbox, Waiting, seal_in
from passerby.records.outbox.posting import Answer, HttpPost, NotPostedError, Post
from passerby.records.outbox.sender import Sender, SenderState

__all__ = [
    "Answer",
    "FullError",
    "HttpPost",
    "NotPostedError",
    "Offer",
    "Outbox",
    "Post",
    "Sender",
    "SenderState",
    "Waiting",
    "go_on_under_new_name",
    "seal_in",
]
