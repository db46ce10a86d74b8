"""What every benchmark needs: processes with their CPU time and memory, waiting for a condition,
and results as a table of ratios and as JSON."""
import argparse
import json
import os
import pathlib
import platform
import random
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = pathlib.Path(__file__).resolve().parent


class Process:
    """A program that runs, and what it has used."""

    def __init__(self, name, command, log, environment=None, folder=None):
        self.name = name
        self.log = pathlib.Path(log)
        self.started = time.monotonic()
        with open(log, "ab") as output:
            self.child = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, env={**os.environ, **(environment or {})}, cwd=folder)

    @property
    def pid(self):
        return self.child.pid

    def cpu(self):
        """CPU seconds, those of children that ended included. The kernel's clock of the process is
        what /proc/PID/stat shows in steps of 10 ms, in nanoseconds."""
        own = time.clock_gettime((~self.pid << 3) | 2)
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
        return own + ended

    def memory(self):
        """Bytes by kind: pss is the sum that counts, anonymous and resident explain it."""
        kinds = {"Pss": "pss", "Pss_Anon": "anonymous", "Rss": "resident"}
        found = {}
        for line in pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            kind, _, rest = line.partition(":")
            if kind in kinds:
                found[kinds[kind]] = int(rest.split()[0]) * 1024
        return found

    def switches(self):
        """How often its living threads were put on a processor: what wakes it, and what it costs."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[2])
            except OSError:
                pass
        return total

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def check(self):
        if self.child.poll() is not None:
            tail = self.log.read_text(errors="replace")[-3000:]
            raise Failed(f"{self.name} ended with {self.child.returncode}:\n{tail}")

    def stop(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Failed(Exception):
    """The work was not done, so there is no figure."""


class Bench:
    """The folder, the processes and the ports of one run; all are gone afterwards."""

    def __init__(self, name, arguments=None):
        self.arguments = arguments
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"tocsin-bench-{name}-"))
        self.processes = []
        self.ports = iter(range(random.randrange(21000, 29000), 32000))
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.stop(signal.SIGKILL)
        if getattr(self.arguments, "keep", False):
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def port(self):
        """A port of the loopback that nobody listens on."""
        for port in self.ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue
        raise Failed("no free port")

    def write(self, name, text, mode=None):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if mode:
            path.chmod(mode)
        return path

    def start(self, name, *command, environment=None, folder=None):
        log = self.folder / f"{name}.log"
        process = Process(name, command, log, environment, folder)
        self.processes.append(process)
        return process

    def wait(self, what, seconds, condition, step=0.05):
        """Polls until the condition holds, and returns what it gave."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            for process in self.processes:
                if process.name in what:
                    process.check()
            time.sleep(step)
        tails = "".join(
            f"\n--- {process.name}\n{process.log.read_text(errors='replace')[-1500:]}"
            for process in self.processes if process.name in what)
        raise Failed(f"waited {seconds} s in vain: {what}{tails}")

    def compiled(self, source):
        """A C program of this folder, built for the run."""
        program = self.folder / pathlib.Path(source).stem
        subprocess.run(["cc", "-O2", "-o", program, HERE / source], check=True)
        return program


class Use:
    """What a peer's processes used between two moments."""

    def __init__(self, processes):
        self.processes = processes
        self.cpu, self.switches, self.at = self._now()

    def _now(self):
        for process in self.processes:
            process.check()
        return (sum(process.cpu() for process in self.processes),
                sum(process.switches() for process in self.processes), time.monotonic())

    def end(self):
        cpu, switches, at = self._now()
        memory = [process.memory() for process in self.processes]
        return {
            "seconds": at - self.at, "cpu": cpu - self.cpu, "switches": switches - self.switches,
            "threads": sum(process.threads() for process in self.processes),
            **{kind: sum(one[kind] for one in memory) for kind in ("pss", "anonymous", "resident")},
        }


def rounds(peers, count, seconds):
    """Uses all peers at once for `count` rounds: {name: [use, …]}. Peers run side by side, so what
    else the machine does meets all of them."""
    found = {name: [] for name in peers}
    for _ in range(count):
        uses = {name: Use(processes) for name, processes in peers.items()}
        time.sleep(seconds)
        for name, use in uses.items():
            found[name].append(use.end())
    return found


def median(uses, kind):
    return statistics.median(use[kind] for use in uses)


def get(url, timeout=10):
    """The answer's bytes; None when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.read()
    except urllib.error.HTTPError as refusal:
        if refusal.code in (400, 422):
            raise Failed(f"{url}: {refusal.read().decode(errors='replace')[:500]}") from refusal
        return None
    except OSError:
        return None


def get_json(url, timeout=10):
    answer = get(url, timeout)
    return None if answer is None else json.loads(answer)


def metric(text, name):
    """The sum of a metric's values in an exposition."""
    total, seen = 0.0, False
    for line in text.decode().splitlines():
        if line.startswith(name) and line[len(name)] in " {":
            total += float(line.rsplit(" ", 1)[1])
            seen = True
    return total if seen else None


class Goals:
    """The results of a workload beside their goals."""

    def __init__(self, workload, arguments):
        self.result = {"workload": workload, "machine": machine(), "figures": {}, "ratios": [],
                       "checks": [], "notes": []}
        self.arguments = arguments

    def figures(self, peer, **values):
        self.result["figures"].setdefault(peer, {}).update(values)

    def ratio(self, what, peer, theirs, ours, goal):
        """Ours is to be at most theirs / goal."""
        value = theirs / ours if ours else float("inf")
        self.result["ratios"].append({
            "what": what, "peer": peer, "theirs": theirs, "ours": ours, "ratio": value,
            "goal": goal, "reached": value >= goal})

    def limit(self, what, ours, most):
        """A figure of ours that has a limit of its own."""
        self.result["ratios"].append({
            "what": what, "peer": "", "theirs": most, "ours": ours,
            "ratio": most / ours if ours else float("inf"), "goal": 1, "reached": ours <= most})

    def check(self, holds, text):
        """Whether the work was done; a run in which it was not fails."""
        self.result["checks"].append({"holds": bool(holds), "text": text})

    def note(self, text):
        self.result["notes"].append(text)

    def finish(self):
        """Prints everything, writes the JSON, and ends the program."""
        result = self.result
        print(f"\n{result['workload']} · {result['machine']}\n")
        names = list(dict.fromkeys(
            name for values in result["figures"].values() for name in values))
        rows = [["", *result["figures"]]]
        for name in names:
            rows.append([name] + [
                show(values.get(name)) for values in result["figures"].values()])
        table(rows)
        if result["ratios"]:
            print()
            table([["", "peer", "theirs", "ours", "ratio", "goal", ""]] + [
                [one["what"], one["peer"], show(one["theirs"]), show(one["ours"]),
                 f"{one['ratio']:.2f}", f"{one['goal']:g}",
                 "reached" if one["reached"] else "NOT reached"] for one in result["ratios"]])
        print()
        for check in result["checks"]:
            print(("  ok    " if check["holds"] else "  FAIL  ") + check["text"])
        for note in result["notes"]:
            print(f"  note  {note}")
        if self.arguments.json:
            pathlib.Path(self.arguments.json).write_text(json.dumps(result, indent=1) + "\n")
        if not all(check["holds"] for check in result["checks"]):
            print("the work was not the same, so the figures do not count")
            sys.exit(1)


def show(value):
    """A figure with three digits that count."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if value == 0 or value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.{max(0, 3 - len(str(int(abs(value)))) if abs(value) >= 1 else 3)}f}"


def table(rows):
    """Columns of equal width, numbers to the right, as GitHub shows them, too."""
    widths = [max(len(str(row[index])) for row in rows) for index in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [str(cell).ljust(width) if index == 0 else str(cell).rjust(width)
                 for index, (cell, width) in enumerate(zip(row, widths))]
        print("| " + " | ".join(cells) + " |")
        if number == 0:
            print("|" + "|".join(
                "-" * (width + 2) if index == 0 else "-" * (width + 1) + ":"
                for index, width in enumerate(widths)) + "|")


def machine():
    """The machine's kind, without names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
            f"{memory:.0f} GiB, load {os.getloadavg()[0]:.1f}")


def program():
    """The daemon under test: TOCSIN_BINARY, or the release build."""
    given = os.environ.get("TOCSIN_BINARY")
    if given:
        return pathlib.Path(given)
    build = ["swift", "build", "-c", "release", "--product", "tocsin", "--package-path", str(ROOT)]
    subprocess.run(build, check=True, stdout=sys.stderr)
    shown = subprocess.run(build + ["--show-bin-path"], check=True, capture_output=True, text=True)
    return pathlib.Path(shown.stdout.strip()) / "tocsin"


def parser(text):
    """The options every workload has."""
    options = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", metavar="FILE", help="also write the results as JSON")
    options.add_argument("--keep", action="store_true", help="keep the folder of the run")
    options.add_argument("--only-ours", action="store_true", help="run Tocsin without its peers")
    return options


def run(workload, arguments):
    """Runs a workload and says why there is no figure when there is none."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        workload(arguments)
    except Failed as failure:
        sys.exit(f"failed: {failure}")
