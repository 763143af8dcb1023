"""Runs ipycam's ONVIF service and its answerer of discovery, without its video: that needs FFmpeg and go2rtc.

One line of JSON tells it how; it prints its port, and ends when standard input does.
"""

import json
import sys
import threading

from ipycam import CameraConfig, IPCamera, IPCameraHTTPHandler, WSDiscoveryServer
from ipycam.camera import ReusableThreadingTCPServer


def main() -> None:
    told = json.loads(sys.stdin.readline())
    discoverable = told.pop("discoverable")
    camera = IPCamera(CameraConfig(**told))
    IPCameraHTTPHandler.camera = camera
    with ReusableThreadingTCPServer((told["local_ip"], 0), IPCameraHTTPHandler) as server:
        camera.config.onvif_port = server.server_address[1]
        if discoverable:
            WSDiscoveryServer(camera.onvif).start()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"{camera.config.onvif_port}\n")
        sys.stdout.flush()
        sys.stdin.read()
        server.shutdown()


main()
