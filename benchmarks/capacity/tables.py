"""The tables of the benchmark."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.cases import cases
from benchmarks.capacity import mesopic, running
from benchmarks.capacity.day import IN_VIEW_S, SENSOR, day
from benchmarks.capacity.hour import growth
from benchmarks.capacity.latency import latency
from benchmarks.capacity.mesopic import AbsentError
from benchmarks.capacity.ours import Cost, Counts, Task, count, decode
from benchmarks.capacity.scenes import Scene
from benchmarks.capacity.ways import every_picture, naive
from passerby.gate.messages import ModelPlan

Run = Callable[[Task], Cost]
REPEATS = 3
COCO = "yolox_nano_coco_416.onnx"


@dataclass(frozen=True)
class Bench:
    """What is measured with.

    Attributes:
        data: folder of the clips.
        model: of passerby, of the naive loop, and of analysing every picture.
        coco: the same network in the form that mesopic takes.
        long: run the other ways three times too, and the peers on all clips.
    """

    data: Path
    model: ModelPlan
    coco: Path
    long: bool = False

    def ours(self, task: Task) -> Cost:
        """Passerby as it comes."""
        return count(task, self.model)

    def floor(self, task: Task) -> Cost:
        """Decoding alone."""
        return decode(task.clip)

    def every(self, task: Task) -> Cost:
        """Passerby's parts on every picture."""
        return every_picture(task, self.model)

    def naive(self, task: Task) -> Cost:
        """The naive loop."""
        try:
            return naive(task, self.model)
        except ImportError as error:
            raise AbsentError(f"{error.name} is not installed (group `bench`)") from None

    def mesopic(self, runtime: str) -> Run:
        """The peer."""
        return lambda task: mesopic.count(task, self.coco, runtime)


@dataclass(frozen=True)
class Measured:
    """Median of some runs, and half of their range as a share of it; None of a single run."""

    cost: Cost
    noise: float | None


def measure(task: Task, runs: dict[str, Run], once: set[str]) -> tuple[dict[str, Measured], dict[str, str]]:
    """Runs all in turn, so that all meet the same neighbours on the machine; and who is absent, with the reason.

    Args:
        task: what to count.
        runs: by name.
        once: the names of those that run only once; the others run `REPEATS` times.
    """
    found: dict[str, list[Cost]] = {name: [] for name in runs}
    absent: dict[str, str] = {}
    for turn in range(REPEATS):
        for name, run in runs.items():
            if name in absent or (turn and name in once):
                continue
            try:
                found[name].append(run(task))
            except AbsentError as error:
                absent[name] = str(error)
    return {name: _middle(costs) for name, costs in found.items() if costs}, absent


def _middle(costs: list[Cost]) -> Measured:
    ordered = sorted(costs, key=lambda cost: cost.ms_per_s)
    middle = ordered[len(ordered) // 2]
    spread = (ordered[-1].ms_per_s - ordered[0].ms_per_s) / 2 / middle.ms_per_s
    return Measured(middle, spread if len(costs) > 1 else None)


def shown(counts: Counts) -> str:
    """Counts as in/out, line by line."""
    return ", ".join(f"{came}/{went}" for came, went in counts.values())


def speed(bench: Bench, found: list[Scene], *, peers: bool) -> dict[str, dict[str, Measured]]:
    """Prints cameras per core; gives what was measured, by scene and way."""
    runs: dict[str, Run] = {"passerby": bench.ours, "decoding alone": bench.floor}
    if peers:
        runs |= {"every picture": bench.every, "naive loop": bench.naive}
        runtimes = mesopic.RUNTIMES if bench.long else mesopic.RUNTIMES[:1]
        runs |= {f"mesopic, {runtime}": bench.mesopic(runtime) for runtime in runtimes}
    ours = ("passerby", "decoding alone")
    print("\n### Cameras per core\n")
    print("| scene | way | ms/s of video | cameras per core | of the decode floor | passerby x | looks/s | counted |")
    print("|---|---|---|---|---|---|---|---|")
    results: dict[str, dict[str, Measured]] = {}
    reasons: dict[str, str] = {}
    for scene in found:
        chosen = {name: run for name, run in runs.items() if scene.peers or name in ours}
        once = set() if bench.long else set(chosen) - set(ours)
        results[scene.name], absent = measure(Task(scene.clip, scene.lines), chosen, once)
        reasons |= absent
        for row in _rows(scene, results[scene.name]):
            print(row, flush=True)
    for name, reason in reasons.items():
        print(f"\n{name} is left out: {reason}.")
    return results


def _rows(scene: Scene, measured: dict[str, Measured]) -> Iterator[str]:
    ours, floor = measured["passerby"].cost, measured["decoding alone"].cost
    for name, one in measured.items():
        cost = one.cost
        mark = "**" if cost is ours else ""
        looks = f"{cost.looks_per_s:.1f}" if cost.counts else "-"
        noise = "" if one.noise is None else f" ± {one.noise:.0%}"
        truth = f"{shown(cost.counts)} of {shown(scene.truth)}" if cost.counts else "-"
        yield (
            f"| {scene.name} | {name} | {cost.ms_per_s:.1f}{noise} | {mark}{cost.cameras:.1f}{mark} "
            f"| {floor.ms_per_s / cost.ms_per_s:.0%} | {cost.ms_per_s / ours.ms_per_s:.2f} | {looks} | {truth} |"
        )


def a_day(results: dict[str, dict[str, Measured]], busy: Scene, idle: Scene) -> None:
    """Prints cameras per core over a day."""
    print("\n### A day of a real door\n")
    try:
        today = day()
    except ImportError as error:
        print(f"Left out: {error.name} is not installed (group `bench`).")
        return
    share = sum(today.busy) / len(today.busy)
    print(
        f"{SENSOR}, {today.people:.0f} people a day, {IN_VIEW_S:g} s in view: somebody is there {share:.0%} of the day,"
    )
    print(f"{max(today.busy):.0%} of the busiest hour.\n")
    print("| way | cameras per core, mean of the day | in the busiest hour |")
    print("|---|---|---|")
    for name, one in results[busy.name].items():
        if name in results[idle.name]:
            costs = today.ms_per_s(one.cost.ms_per_s, results[idle.name][name].cost.ms_per_s)
            print(f"| {name} | {1000 / costs[0]:.1f} | {1000 / costs[1]:.1f} |")


def counts(bench: Bench) -> None:
    """Prints the counts of every clip with lines, against analysing every picture."""
    print("\n### Counts against analysing every picture\n")
    print("| clip | line | truth | every picture | passerby | differs by | looks/s | naive loop | mesopic |")
    print("|---|---|---|---|---|---|---|---|---|")
    worst, errors = 0, {"every picture": 0, "passerby": 0}
    for case in cases(bench.data):
        task = Task(case.clip, (case.line,), case.view)
        every, ours = bench.every(task), bench.ours(task)
        came, went = ours.counts[case.line.name]
        truth = (case.truth["in"], case.truth["out"])
        by = apart(every.counts[case.line.name], (came, went))
        worst = max(worst, by)
        errors["every picture"] += apart(every.counts[case.line.name], truth)
        errors["passerby"] += apart((came, went), truth)
        asked = bench.long and case.view == "level"
        others = [_counted(run, task) if asked else "-" for run in (bench.naive, bench.mesopic("ort-cpu"))]
        print(
            f"| {case.clip.name} | {case.line.name} | {truth[0]}/{truth[1]} | {shown(every.counts)} "
            f"| **{came}/{went}** | {by} | {ours.looks_per_s:.1f} | {others[0]} | {others[1]} |",
            flush=True,
        )
    print(f"\nThe largest difference of passerby from analysing every picture: {worst}.")
    print(f"Errors against the truth: {', '.join(f'{way} {error}' for way, error in errors.items())}.")


def apart(one: tuple[int, int], other: tuple[int, int]) -> int:
    """By how many crossings two counts differ, both ways."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _counted(run: Run, task: Task) -> str:
    try:
        return shown(run(task).counts)
    except AbsentError:
        return "absent"


def site(bench: Bench, busy: Scene, idle: Scene) -> None:
    """Prints what a running site takes, and how soon it counts."""
    few, many = (running.run(Task(busy.clip, busy.lines), bench.model, n, 1, 10.0) for n in (running.FEW, running.MANY))
    further = (many.worker_mb - few.worker_mb) / (running.MANY - running.FEW)
    start = running.run(Task(idle.clip, idle.lines), bench.model, running.START_CAMERAS, 2, 10.0)
    counting = "not within a minute" if start.start_s is None else f"{start.start_s:.1f} s"
    print("\n### A running site\n")
    print("| what | |\n|---|---|")
    print(f"| memory of a worker with one camera (RSS) | {few.worker_mb:.0f} MB |")
    print(f"| of each further camera in it | {further:.1f} MB |")
    print(f"| and of its feed, a process of its own (not shared) | {many.feed_mb:.0f} MB |")
    print(f"| {running.START_CAMERAS} cameras, 2 workers: until all are shut in | {start.ready_s:.1f} s |")
    print(f"| until all count (told once a second) | {counting} |")
    print(f"| processor then, {running.START_CAMERAS} idle cameras with their feeds | {start.cores:.2f} cores |")
    print(f"| processor of {running.MANY} busy cameras with their feeds | {many.cores:.2f} cores |")


def delay(bench: Bench, found: list[Scene]) -> None:
    """Prints how late pictures are looked at."""
    print("\n### From a picture's arrival until it is counted, one camera on a core\n")
    print("| scene | median | 99 % | worst |")
    print("|---|---|---|---|")
    for scene in found:
        late = latency(Task(scene.clip, scene.lines), bench.model)
        print(f"| {scene.name} | {late.median_s:.3f} s | {late.p99_s:.3f} s | {late.worst_s:.3f} s |", flush=True)


def an_hour(bench: Bench, scene: Scene) -> None:
    """Prints whether memory grows."""
    grown = growth(Task(scene.clip, scene.lines), bench.model)
    print(f"\n### An hour of video, {scene.name}\n")
    print(f"Memory after ten minutes {grown.first_mb:.1f} MB, after an hour {grown.last_mb:.1f} MB (RSS).")
