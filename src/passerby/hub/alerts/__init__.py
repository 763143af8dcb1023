"""Alerts of a hub: about places and cameras of its venues, never about people."""

from passerby.hub.alerts.config import ContactMail, HubAlert, check_alerts
from passerby.hub.alerts.contract import AlertBoard, AlertNow
from passerby.hub.alerts.desk import AlertDesk, DeskParts
from passerby.hub.alerts.post import Post
from passerby.hub.alerts.tables import PART

__all__ = [
    "PART",
    "AlertBoard",
    "AlertDesk",
    "AlertNow",
    "ContactMail",
    "DeskParts",
    "HubAlert",
    "Post",
    "check_alerts",
]
