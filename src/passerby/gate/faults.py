"""What a fault's code means to the person who reads it: what happened and what to do."""

from passerby.gate.messages import FaultCode

TEXTS = {
    FaultCode.NO_DECODER: "its codec has no decoder here. Set the camera to H.264 or H.265.",
    FaultCode.NOT_A_VIDEO: "it is not a video. Check the path, or whether the file is whole.",
    FaultCode.NO_FRAMES: "it holds no picture that can be read. Check whether the file is whole.",
    FaultCode.SIZE_CHANGED: "the picture changed its size; counting went on. Check that the lines still fit.",
    FaultCode.TIME_JUMPED: "its times jumped; they were mended by the frame rate or the clock.",
    FaultCode.BAD_PACKET: "packets were damaged; their pictures were left out. "
    "Check the network, the camera and whatever passes its stream on.",
    FaultCode.MODEL_FAILED: "the detector's model could not be used. See `passerby doctor`.",
    FaultCode.LOCKDOWN_IMPOSSIBLE: "the kernel cannot shut the room in. See `passerby doctor`.",
    FaultCode.PICTURE_TOO_LARGE: "its picture is larger than 36 megapixels. Set the camera to 4K or less.",
    FaultCode.PLACE_OUTSIDE: "a line or a zone lies outside its picture. Draw it again for this camera.",
    FaultCode.CAMERA_MOVED: "the camera was moved or its view changed. "
    "See with Set-up whether its lines fit; prove and teach it again.",
    FaultCode.FACING_TOO_SMALL: "a facing of its shelves is smaller than 48 pixels. "
    "Use the camera's larger picture, or fewer facings.",
    FaultCode.UNAUTHORISED: "the camera refused the user name or the password.",
    FaultCode.UNREACHABLE: "the camera did not answer. Check its address, its cable and its power.",
    FaultCode.REFUSED: "nothing listens at this address and port. Check the port and whether RTSP is on.",
    FaultCode.NOT_FOUND: "the camera has no such stream. Check the path of the URL.",
    FaultCode.STALLED: "the stream stopped without closing; the connection was given up.",
    FaultCode.ENDED: "the stream ended.",
    FaultCode.READ_FAILED: "the stream broke off.",
    FaultCode.NOT_PERMITTED: "it may not be read. Check the file's permissions.",
    FaultCode.CRASHES: "what it sends ends its counting again and again; it is counted apart, after pauses. "
    "Set another codec or picture size.",
}
