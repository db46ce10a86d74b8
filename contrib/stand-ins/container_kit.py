#!/usr/bin/env python3
"""A stand-in for Container Kit: its metrics, JSON metrics and health endpoints, with switches for
the ways it can go wrong.

    container_kit.py --port 9100 --control 9101

POST /switch?NAME=on|off on the control port turns a fault on or off:
down slow failing leaking unready failed-database counter-reset huge malformed
"""
import argparse
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

FAULTS = ["down", "slow", "failing", "leaking", "unready", "failed-database", "counter-reset",
          "huge", "malformed"]
TOOLS = ["analyze", "dockerfile", "build", "scan", "tag", "push", "deploy", "verify"]
BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.3, 0.5, 1.0]


class State:
    """What the service would have counted since it started."""

    def __init__(self):
        self.lock = threading.Lock()
        self.faults = set()
        self.started = self.counted = time.time()
        self.requests = {(tool, status): 0.0 for tool in TOOLS for status in ("success", "error")}
        self.durations = {tool: [0.0] * (len(BUCKETS) + 1) for tool in TOOLS}
        self.sums = {tool: 0.0 for tool in TOOLS}
        self.memory = 180 << 20

    def advance(self):
        """Counts ten requests a second and tool since the last call."""
        now = time.time()
        count = (now - self.counted) * 10
        self.counted = now
        if "counter-reset" in self.faults:
            self.requests = {key: 0.0 for key in self.requests}
            self.faults.discard("counter-reset")
        for tool in TOOLS:
            errors = count * (0.5 if "failing" in self.faults else 0.001)
            self.requests[tool, "error"] += errors
            self.requests[tool, "success"] += count - errors
            duration = 0.8 if "slow" in self.faults else 0.02
            self.sums[tool] += count * duration
            for index, bound in enumerate(BUCKETS + [float("inf")]):
                if duration <= bound:
                    self.durations[tool][index] += count
        if "leaking" in self.faults:
            self.memory += 64 << 20

    def exposition(self):
        lines = ["# HELP container_kit_requests_total Requests by tool and status.",
                 "# TYPE container_kit_requests_total counter"]
        for (tool, status), value in sorted(self.requests.items()):
            lines.append(f'container_kit_requests_total{{tool="{tool}",status="{status}"}} {value:g}')
        lines.append("# TYPE container_kit_request_duration_seconds histogram")
        name = "container_kit_request_duration_seconds"
        for tool in TOOLS:
            labels = f'tool="{tool}",session_id="s-1",status="success"'
            for bound, value in zip(BUCKETS + ["+Inf"], self.durations[tool]):
                lines.append(f'{name}_bucket{{{labels},le="{bound}"}} {value:g}')
            lines.append(f'{name}_sum{{{labels}}} {self.sums[tool]:g}')
            lines.append(f'{name}_count{{{labels}}} {self.durations[tool][-1]:g}')
        lines += ["# TYPE container_kit_active_sessions gauge", "container_kit_active_sessions 3",
                  "# TYPE container_kit_memory_usage_bytes gauge",
                  f"container_kit_memory_usage_bytes {self.memory}"]
        if "huge" in self.faults:
            lines += [f'container_kit_session_info{{session_id="s-{n}"}} 1' for n in range(1_000_000)]
        if "malformed" in self.faults:
            lines.insert(3, 'container_kit_requests_total{tool="analyze 12 {{')
        return "\n".join(lines) + "\n"

    def answer(self, path):
        if path == "/metrics":
            return 200, "text/plain; version=0.0.4", self.exposition()
        if path == "/metrics/custom":
            return 200, "application/json", json.dumps({
                "uptime": time.time() - self.started, "version": "1.0.0", "active_sessions": 3,
                "memory_usage": self.memory, "cpu_usage": 12.5, "disk_usage": 41.0,
                "goroutines": 64})
        if path in ("/health", "/health/live", "/health/ready"):
            return self.health(path)
        return 404, "text/plain", "not found\n"

    def health(self, path):
        failed = "failed-database" in self.faults
        database = ({"status": "failed", "error": "connection refused"} if failed
                    else {"status": "healthy"})
        healthy = path == "/health/live" or not failed
        if path == "/health/ready" and "unready" in self.faults:
            healthy = False
        return (200 if healthy else 503), "application/json", json.dumps({
            "status": "healthy" if healthy else "unhealthy",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "version": "1.0.0",
            "uptime": time.time() - self.started,
            "checks": {"database": database, "filesystem": {"status": "healthy"}}})


class Quiet(BaseHTTPRequestHandler):
    state: State

    def log_message(self, *arguments):
        pass


class Service(Quiet):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urlsplit(self.path).path
        with self.state.lock:
            if "down" in self.state.faults:
                self.close_connection = True
                return
            self.state.advance()
            slow = "slow" in self.state.faults
            status, kind, body = self.state.answer(path)
        if slow and path.startswith("/health"):
            time.sleep(0.8)
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Control(Quiet):
    def do_POST(self):
        unknown = []
        with self.state.lock:
            for name, value in parse_qsl(urlsplit(self.path).query):
                if name not in FAULTS:
                    unknown.append(name)
                elif value == "on":
                    self.state.faults.add(name)
                else:
                    self.state.faults.discard(name)
            body = f"unknown: {unknown}\n" if unknown else f"on: {sorted(self.state.faults)}\n"
        self.send_response(400 if unknown else 200)
        self.end_headers()
        self.wfile.write(body.encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--control", type=int, default=9101)
    arguments = parser.parse_args()
    Quiet.state = State()
    control = ThreadingHTTPServer(("127.0.0.1", arguments.control), Control)
    threading.Thread(target=control.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Service).serve_forever()


if __name__ == "__main__":
    main()
