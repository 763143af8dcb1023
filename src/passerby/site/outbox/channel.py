"""From the configuration to what tells the hub."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from passerby.errors import ConfigError
from passerby.records.outbox import Answer, HttpPost, NotPostedError
from passerby.site.config import SiteConfig
from passerby.site.hub_link import link_of, site_key
from passerby.site.outbox.desk import HubChannel, HubDesk, Way
from passerby.site.outbox.names import layout_of


def hub_desk(config: SiteConfig) -> HubDesk | None:
    """What tells a site's hub; None where it has none.

    Raises:
        ConfigError: the hub's certificate cannot be checked as the configuration says.
    """
    if config.hub is None:
        return None
    link_of(config).close()  # what is wrong with it is said at the start
    return HubDesk(HubChannel(config.hub.url, lambda: _way(config), layout_of(config), config.masks.minimum_judged))


@contextmanager
def _way(config: SiteConfig) -> Iterator[Way]:
    key = site_key(config)
    with closing(link_of(config)) as link:
        posts = HttpPost(link, key.current)

        def post(body: bytes) -> Answer:
            try:
                return posts(body)
            except ConfigError as error:  # a site whose key is gone counts on
                raise NotPostedError(str(error)) from None

        yield Way(post, lambda: key.change_if_due(link))
