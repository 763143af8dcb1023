"""Sites join by invitation, prove themselves with each request, change their keys, and are shut out."""

from passerby.hub.enrolment.door import Door
from passerby.hub.enrolment.seal import Seal
from passerby.hub.enrolment.site_keys import Invitation, SiteKeys

__all__ = ["Door", "Invitation", "Seal", "SiteKeys"]
