"""The RTSP server itself, run by the system's Python, which has GStreamer's bindings. See rtsp_server.py.

A player decodes the file at live speed and hands frames to the encoder of each media. So the stream can loop, stall,
end or change size whatever the file is. It prints its port when it listens.
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - the versions must be chosen first

ENCODERS = {
    "h264": "x264enc {tuning} ! h264parse config-interval=-1 ! rtph264pay",
    "h265": "x265enc {tuning} ! h265parse config-interval=-1 ! rtph265pay",
    "mjpeg": "jpegenc ! rtpjpegpay",
}
TUNING = "tune=zerolatency speed-preset=ultrafast key-int-max={gop}"
PLAYER = "filesrc name=file ! decodebin ! videoconvert ! videoscale ! capsfilter name=size ! appsink name=sink"
AS_IT_IS = '( filesrc location="{file}" ! matroskademux ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )'
ROLE = "viewer"


class Player:
    """Plays a file into the `appsrc` of one media."""

    def __init__(self, source, serving):
        self._source, self._serving = source, serving
        self._start, self._pushed_until, self._base = None, 0, 0
        self.pipeline = Gst.parse_launch(PLAYER)
        self.pipeline.get_by_name("file").set_property("location", serving["file"])
        self._size = self.pipeline.get_by_name("size")
        self._size.set_property("caps", Gst.Caps.from_string("video/x-raw,format=I420"))
        sink = self.pipeline.get_by_name("sink")
        sink.set_property("emit-signals", True)
        sink.connect("new-sample", self._on_sample)
        sink.connect("eos", self._on_end)

    def play(self):
        self.pipeline.set_state(Gst.State.PLAYING)

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)

    def _on_sample(self, sink):
        sample = sink.emit("pull-sample")
        buffer = sample.get_buffer().copy()
        if self._start is None:
            self._start = self._source.get_current_running_time()
        buffer.pts = buffer.dts = self._base + buffer.pts
        known = buffer.duration != Gst.CLOCK_TIME_NONE
        self._pushed_until = buffer.pts + (buffer.duration if known else Gst.SECOND // 25)
        at_s = buffer.pts / Gst.SECOND
        if self._passed("end_after_s", at_s):
            self._source.emit("end-of-stream")
            return Gst.FlowReturn.EOS
        if self._passed("stall_after_s", at_s):
            return Gst.FlowReturn.OK
        if self._passed("resize_after_s", at_s):
            width, height = self._serving["resize_to"]
            caps = f"video/x-raw,format=I420,width={width},height={height}"
            self._size.set_property("caps", Gst.Caps.from_string(caps))
        buffer.pts = buffer.dts = self._start + buffer.pts
        self._source.set_property("caps", sample.get_caps())
        self._source.emit("push-buffer", buffer)
        return Gst.FlowReturn.OK

    def _passed(self, option, at_s):
        return self._serving[option] is not None and at_s >= self._serving[option]

    def _on_end(self, _sink):
        if not self._serving["loop"]:
            self._source.emit("end-of-stream")
            return
        self._base = self._pushed_until
        GLib.idle_add(self._rewind)

    def _rewind(self):
        self.pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH, 0)
        return False


class Factory(GstRtspServer.RTSPMediaFactory):
    """Makes one media for each client."""

    def __init__(self, serving):
        super().__init__()
        self._serving = serving
        if serving["as_it_is"]:
            self.set_launch(AS_IT_IS.format(file=serving["file"]))
            return
        encoder = ENCODERS[serving["codec"]].format(tuning=TUNING.format(gop=serving["gop"]))
        source = "appsrc name=source is-live=true format=time block=false"
        self.set_launch(f"( {source} ! videoconvert ! video/x-raw,format=I420 ! {encoder} name=pay0 pt=96 )")
        self.connect("media-configure", self._on_media)

    def _on_media(self, _factory, media):
        source = media.get_element().get_by_name_recurse_up("source")
        player = Player(source, self._serving)
        media.connect("unprepared", lambda _media: player.stop())
        player.play()


def protect(server, factory, serving):
    """Asks for a name and a password, and encrypts, where that was asked for."""
    if not (serving["user"] or serving["certificate"]):
        return
    auth = GstRtspServer.RTSPAuth()
    if serving["certificate"]:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(serving["certificate"]))
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, ROLE)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(ROLE, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role(ROLE, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)
    if serving["user"]:
        method = GstRtsp.RTSPAuthMethod.DIGEST if serving["digest"] else GstRtsp.RTSPAuthMethod.BASIC
        auth.set_supported_methods(method)
        if serving["digest"]:
            auth.add_digest(serving["user"], serving["password"], token)
        else:
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(serving["user"], serving["password"]), token)
    else:
        auth.set_default_token(token)
    server.set_auth(auth)


def main():
    """Serves until its standard input closes."""
    serving = json.loads(sys.stdin.readline())
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(serving["port"]))
    factory = Factory(serving)
    protect(server, factory, serving)
    server.get_mount_points().add_factory("/stream", factory)
    loop = GLib.MainLoop()
    if server.attach(None) == 0:
        sys.exit("the port is taken")
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    print(server.get_bound_port(), flush=True)  # noqa: T201 - the parent reads it
    loop.run()


if __name__ == "__main__":
    main()
