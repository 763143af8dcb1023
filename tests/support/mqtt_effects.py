"""What each key of the configuration's `mqtt` changes."""

from dataclasses import replace

from passerby.site.config import SiteConfig
from passerby.site.outputs import mqtt


def told(config: SiteConfig) -> object:
    to = mqtt.channel(config)
    assert to is not None
    authorities = to.broker.tls and to.broker.tls.get_ca_certs()
    return (replace(to, broker=replace(to.broker, tls=None)), authorities, to.broker.tls is None)


MQTT_EFFECTS = {
    "Mqtt.host": ({"broker": "b.example"}, told),
    "Mqtt.port": ({"broker_port": "1884"}, told),
    "Mqtt.credentials": ({"signing_in": "{username: u, password_file: one}"}, told),
    "Mqtt.tls": ({"broker_tls": "true"}, told),
    "MqttTls.ca": ({"broker_tls": "{ca: authority.pem}"}, told),
    "Mqtt.client_id": ({"client": "door"}, told),
    "Mqtt.topic_prefix": ({"prefix": "venues/passerby"}, told),
    "Mqtt.discovery": ({"discovery": "false"}, told),
    "Mqtt.discovery_prefix": ({"found_at": "ha"}, told),
    "Mqtt.onvif": ({"onvif": "true"}, told),
    "MqttOnvif.prefix": ({"onvif": "{prefix: venue-7}"}, told),
}
