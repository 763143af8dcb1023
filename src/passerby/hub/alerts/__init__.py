"""Alerts of a hub: about places and cameras of its venues, never about people."""

from passerby.hub.alerts.contract import AlertBoard, AlertNow

__all__ = ["AlertBoard", "AlertNow"]
