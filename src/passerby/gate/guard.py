"""The guard: starts the rooms, checks what they say, and replaces those that fail."""

import os
import select
import selectors
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from passerby.errors import GateError, LockdownError, ModelError, SourceError
from passerby.gate import contract, seccomp
from passerby.gate.backoff import Backoff
from passerby.gate.crashes import KILLED_S, Crashes, Verdict
from passerby.gate.listener import Listener
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, Kind, Message, ModelPlan, Plan
from passerby.gate.rooms import FEED_COMMAND, WORKER_COMMAND, Process, pipe, start_feed, start_worker
from passerby.gate.sources import Source, SourceKind

_TICK_S = 0.25
_FINISH_S = 5.0
_WHY_S = 2.0
_STALL_S = 12.0
_START_S = 20.0
"""A machine that starts many feeds at once takes a while; a camera that stays silent is given up by the feed itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """One camera: what to count and where its video comes from."""

    plan: CameraPlan
    source: Source


@dataclass(frozen=True, slots=True)
class Settings:
    """How to guard.

    Attributes:
        model: the detector, where any camera needs one.
        masks: the judge of masks, where any place asks for them.
        workers: how many pixel workers.
        keep_running: replace what fails, without end; else the first failure ends the work.
        unsafe_no_lockdown: leave the rooms open. For development only.
        worker_command, feed_command: what to start; tests start rooms that misbehave.
    """

    model: ModelPlan | None = None
    masks: ModelPlan | None = None
    workers: int = 1
    keep_running: bool = False
    unsafe_no_lockdown: bool = False
    worker_command: tuple[str, ...] = WORKER_COMMAND
    feed_command: tuple[str, ...] = FEED_COMMAND


@dataclass(slots=True)
class _Feed:
    job: Job
    write_fd: int
    process: Process | None = None
    start_at_s: float | None = 0.0
    backoff: Backoff = field(default_factory=Backoff)
    killed: Backoff = field(default_factory=lambda: Backoff(*KILLED_S))
    done: bool = False
    said_why: bool = False
    heard_s: float = 0.0

    def stalled(self, now_s: float) -> bool:
        """Whether a camera's feed runs, but has told of no packet for too long."""
        is_stream = self.job.source.kind is SourceKind.STREAM
        return self.process is not None and is_stream and now_s - self.heard_s > _STALL_S


@dataclass(slots=True)
class _Worker:
    index: int
    jobs: list[Job]
    contracts: list[contract.CameraContract]
    plan: Plan | None = None
    process: Process | None = None
    feeds: list[_Feed] = field(default_factory=list)
    start_at_s: float | None = 0.0
    crashes: Crashes = field(default_factory=Crashes)
    ready: bool = False

    @property
    def done(self) -> bool:
        """Whether all its recordings were counted."""
        return bool(self.feeds) and all(feed.done for feed in self.feeds)

    def divided(self, index: int) -> "_Worker":
        """Hands half of its cameras to a new worker, so that one whose video ends its process leaves the others be."""
        half = len(self.jobs) // 2
        other = _Worker(index, self.jobs[half:], self.contracts[half:], feeds=self.feeds[half:], crashes=Crashes(True))
        self.jobs, self.contracts, self.feeds = self.jobs[:half], self.contracts[:half], self.feeds[:half]
        self.crashes = Crashes(True)
        return other


class Guard:
    """Runs the rooms of a site.

    Args:
        jobs: the cameras.
        settings: how to guard.
        listener: who is told.
    """

    def __init__(self, jobs: list[Job], settings: Settings, listener: Listener) -> None:
        self._settings = settings
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        count = max(1, min(settings.workers, len(jobs)))
        shares = [jobs[i::count] for i in range(count)]
        self._workers = [
            _Worker(i, share, [contract.CameraContract(job.plan) for job in share]) for i, share in enumerate(shares)
        ]

    def run(self, stop: Callable[[], bool] | threading.Event) -> None:
        """Works until all recordings are counted, or `stop` says so.

        Raises:
            LockdownError: a room cannot be shut in.
            ModelError: the detector cannot be used.
            SourceError: a source cannot be read (unless `keep_running`).
            GateError: a worker failed or broke the contract (unless `keep_running`).
        """
        stopped = stop.is_set if isinstance(stop, threading.Event) else stop
        try:
            while not stopped() and not all(worker.done for worker in self._workers):
                self._start_what_is_due()
                self._wait()
                for worker in self._workers:
                    for camera in worker.contracts:
                        camera.look_at_the_clock()
            self._finish()
        finally:
            for worker in self._workers:
                self._end_worker(worker)
            self._selector.close()

    def _wait(self) -> None:
        for key, _ in self._selector.select(_TICK_S):
            # A room that was ended a moment ago may still be on the list.
            if key.fd in self._selector.get_map():
                key.data()

    def _finish(self) -> None:
        """Ends the feeds and waits for the tallies of the windows that are still open."""
        for worker in self._workers:
            for feed in worker.feeds:
                self._end_feed(feed)
        until_s = time.monotonic() + _FINISH_S
        while time.monotonic() < until_s and any(worker.ready and not worker.done for worker in self._workers):
            self._wait()

    def _start_what_is_due(self) -> None:
        now_s = time.monotonic()
        for worker in self._workers:
            if worker.start_at_s is not None and worker.start_at_s <= now_s:
                worker.start_at_s = None
                self._start_worker(worker)
            for feed in worker.feeds:
                if worker.ready and feed.start_at_s is not None and feed.start_at_s <= now_s:
                    feed.start_at_s = None
                    self._start_feed(feed)
                elif feed.stalled(now_s):
                    self._end_process(feed)
                    self._feed_failed(feed, FaultCode.STALLED)

    # Workers

    def _start_worker(self, worker: _Worker) -> None:
        jobs = worker.jobs
        pipes = [pipe() for _ in jobs]
        read_fds = tuple(read_fd for read_fd, _ in pipes)
        needs_model = any(job.plan.view != "overhead" for job in jobs)
        worker.plan = Plan(
            cameras=tuple(camera.plan_now() for camera in worker.contracts),
            feed_fds=read_fds,
            model=self._settings.model if needs_model else None,
            masks=self._settings.masks if any(job.plan.masks for job in jobs) else None,
            unsafe_no_lockdown=self._settings.unsafe_no_lockdown,
        )
        done = {feed.job.plan.name for feed in worker.feeds if feed.done}
        worker.feeds = [
            _Feed(job, write_fd, done=job.plan.name in done, start_at_s=None if job.plan.name in done else 0.0)
            for job, (_, write_fd) in zip(jobs, pipes, strict=True)
        ]
        worker.process = start_worker(worker.plan, self._settings.worker_command)
        for read_fd in read_fds:
            os.close(read_fd)
        self._selector.register(worker.process.door, selectors.EVENT_READ, lambda: self._hear_worker(worker))

    def _hear_worker(self, worker: _Worker) -> None:
        assert worker.process is not None
        untrusted = worker.process.read()
        if untrusted is None:
            self._worker_ended(worker)
            return
        self._listener.bytes_out(worker.index, len(untrusted))
        try:
            for untrusted_message in worker.process.messages(untrusted):
                self._take(worker, untrusted_message)
        except GateError as error:
            self._listener.refused(worker.index, str(error))
            if not self._settings.keep_running:
                raise
            self._replace(worker, str(error), worker.crashes.failed())

    def _take(self, worker: _Worker, untrusted: Message) -> None:
        assert worker.plan is not None
        kind = contract.kind_and_camera(untrusted, worker.plan)
        if kind is Kind.READY:
            assert worker.process is not None
            abi, seccomp = contract.check_ready(
                untrusted, worker.plan, pid=worker.process.popen.pid, again=worker.ready
            )
            worker.ready = True
            worker.crashes.ready()
            self._listener.ready(worker.index, abi, seccomp)
            return
        if kind is Kind.FAULT and not worker.ready:
            self._start_failed(worker, untrusted)
        if not worker.ready:
            raise GateError("a pixel worker spoke before it was shut in; it is replaced.")
        self._take_camera(worker, kind, untrusted)

    def _take_camera(self, worker: _Worker, kind: Kind, untrusted: Message) -> None:
        camera = worker.contracts[untrusted.camera]
        feed = worker.feeds[untrusted.camera]
        name = feed.job.plan.name
        if kind is Kind.TALLY:
            self._listener.tally(camera.tally(untrusted))
        elif kind is Kind.HEALTH:
            self._listener.health(name, *camera.health(untrusted))
        elif kind is Kind.SHELF:
            self._listener.shelf(camera.shelf(untrusted))
        elif kind is Kind.FAULT:
            self._listener.fault(name, camera.fault(untrusted))
        else:
            # As long as the guard holds the pipe of the video, that has no end.
            camera.done(untrusted, ended=feed.write_fd < 0)
            # A worker that replaced another may be told the end of a recording again, and says so again.
            if not feed.done:
                self._hear_why(feed)
                feed.done = True
                self._end_feed(feed)
                self._listener.done(name)

    def _start_failed(self, worker: _Worker, untrusted: Message) -> None:
        assert worker.process is not None
        words = worker.process.last_words(wait_s=5)
        if untrusted.code == FaultCode.LOCKDOWN_IMPOSSIBLE:
            raise LockdownError(words or "the kernel cannot shut the pixel room in. `passerby doctor` tells more.")
        if untrusted.code == FaultCode.MODEL_FAILED:
            raise ModelError(words or "the detector's model could not be used. `passerby doctor` tells more.")

    def _worker_ended(self, worker: _Worker) -> None:
        assert worker.process is not None
        if worker.done:
            self._end_worker(worker)
            return
        killed = worker.process.own_end() == -signal.SIGKILL
        words = worker.process.last_words()
        status = self._end_worker(worker)
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        said = f" Its last words: {words.splitlines()[-1]}" if words else ""
        reason = f"the pixel worker ended {how} before its work was done.{said} `passerby doctor` tells more."
        if not self._settings.keep_running:
            raise GateError(reason)
        # Nothing in a room can send that signal: the kernel does where memory is short, or a person. Whoever closed
        # its door and stayed gets it from here, which is a failure.
        self._replace(worker, reason, worker.crashes.killed() if killed else worker.crashes.failed())

    def _replace(self, worker: _Worker, reason: str, verdict: Verdict) -> None:
        self._end_worker(worker)
        worker.start_at_s = time.monotonic() + verdict.pause_s
        if verdict.by_video and len(worker.jobs) > 1:
            self._workers.append(worker.divided(len(self._workers)))
            reason += " From now on two workers share its cameras, so that one camera does not end them all."
        elif verdict.by_video:
            self._listener.fault(worker.jobs[0].plan.name, FaultCode.CRASHES)
        self._listener.restarted(worker.index, reason)

    def _end_worker(self, worker: _Worker) -> int:
        for feed in worker.feeds:
            self._end_feed(feed)
        for camera in worker.contracts:
            camera.restarted()
        worker.ready = False
        return self._end_process(worker)

    def _end_process(self, holder: "_Worker | _Feed") -> int:
        process, holder.process = holder.process, None
        if process is None:
            return 0
        self._selector.unregister(process.door)
        return process.end()

    # Feeds

    def _start_feed(self, feed: _Feed) -> None:
        settings = self._settings
        # One that told of its failure and stayed is not waited for.
        self._end_process(feed)
        try:
            feed.process = start_feed(
                feed.job.source, feed.write_fd, unsafe=settings.unsafe_no_lockdown, command=settings.feed_command
            )
        except SourceError:
            if not settings.keep_running:
                raise
            self._feed_failed(feed, FaultCode.UNREACHABLE)
            return
        feed.heard_s = time.monotonic() + _START_S
        self._selector.register(feed.process.door, selectors.EVENT_READ, lambda: self._hear_feed(feed))
        if not self._starts_again(feed):
            # With the feed the only writer left, its end is the end of the video.
            os.close(feed.write_fd)
            feed.write_fd = -1

    def _starts_again(self, feed: _Feed) -> bool:
        return self._settings.keep_running and feed.job.source.kind is SourceKind.STREAM

    def _hear_feed(self, feed: _Feed) -> None:
        assert feed.process is not None
        untrusted = feed.process.read()
        if untrusted is None:
            killed = feed.process.own_end() == -signal.SIGKILL
            self._end_process(feed)
            if feed.start_at_s is None and not feed.done and self._starts_again(feed):
                # Of the camera it tells nothing, so the camera is not waited for.
                pause = feed.killed if killed else feed.backoff
                feed.start_at_s = time.monotonic() + pause.failed()
            elif not feed.said_why and not self._starts_again(feed):
                self._feed_failed(feed, FaultCode.READ_FAILED)
            return
        try:
            for untrusted_message in feed.process.messages(untrusted):
                self._take_feed(feed, untrusted_message)
        except GateError:
            self._end_process(feed)
            self._feed_failed(feed, FaultCode.READ_FAILED)

    def _hear_why(self, feed: _Feed) -> None:
        """Hears why a recording's feed ended. The worker may tell of the end of the video before its door is heard."""
        until_s = time.monotonic() + _WHY_S
        while feed.process and not feed.said_why and time.monotonic() < until_s:
            if select.select([feed.process.door], [], [], _TICK_S)[0]:
                self._hear_feed(feed)
        if not feed.said_why:
            self._feed_failed(feed, FaultCode.READ_FAILED)

    def _take_feed(self, feed: _Feed, untrusted: Message) -> None:
        name = feed.job.plan.name
        feed.heard_s = time.monotonic()
        assert feed.process is not None
        kind, code = contract.check_feed(untrusted)
        if kind is Kind.HEALTH:
            feed.backoff.worked()
            feed.killed.worked()
            self._listener.health(name, HealthFigure(code), untrusted.a)
        elif code == FaultCode.LOCKDOWN_IMPOSSIBLE and seccomp.holds(feed.process.popen.pid):
            raise GateError("a feed that is shut in said that it is not.")
        else:
            self._feed_failed(feed, FaultCode(code))

    def _feed_failed(self, feed: _Feed, code: FaultCode) -> None:
        feed.said_why = True
        if code is FaultCode.LOCKDOWN_IMPOSSIBLE:
            raise LockdownError("the kernel cannot shut the feed in. `passerby doctor` tells more.")
        if code is FaultCode.ENDED and not self._starts_again(feed):
            return
        self._listener.fault(feed.job.plan.name, code)
        if self._starts_again(feed):
            feed.start_at_s = time.monotonic() + feed.backoff.failed()

    def _end_feed(self, feed: _Feed) -> None:
        feed.said_why = True
        self._end_process(feed)
        feed.start_at_s = None
        if feed.write_fd >= 0:
            os.close(feed.write_fd)
            feed.write_fd = -1
