"""Who runs this process."""

import os
import pwd


def system_account() -> str:
    """Name of the account that this process runs under, as the system knows it; the environment could say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
