"""What was counted on other days: by the hour or the day, beside the period before, and by weekday and hour."""

from passerby.site.history.calendar import Period, Span, Step
from passerby.site.history.report import Bar, Cell, History, HistoryReport, Told
from passerby.site.history.series import Series, series_of

__all__ = ["Bar", "Cell", "History", "HistoryReport", "Period", "Series", "Span", "Step", "Told", "series_of"]
