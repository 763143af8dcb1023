"""From facts to findings. Pure: nothing is asked here and nothing is kept."""

from passerby.audit.checks.judging import judge
from passerby.audit.checks.verdict import Seen

__all__ = ["Seen", "judge"]
