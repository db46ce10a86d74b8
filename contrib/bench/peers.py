"""The peers, set up from one description: which targets, probes and rules there are, how often, and
where messages go. Each function writes its peer's configuration and starts its programs."""
import dataclasses
import json
import math

import measure


@dataclasses.dataclass
class Work:
    """What every peer has to do."""
    # (job, [address of a target], whose metrics are at /PEER/metrics)
    scrapes: list
    every: int
    # [(name, expression)], in groups of so many.
    rules: list = dataclasses.field(default_factory=list)
    group: int = 25
    # (name, [url, …]) of HTTP probes.
    probes: list = dataclasses.field(default_factory=list)
    probe_every: int = 10
    # Where messages may go that nobody reads.
    sink: str = ""
    # Where a Slack webhook answers; None for messages to nobody.
    slack: str | None = None
    # Where a generic webhook answers; it takes the place of Slack.
    webhook: str | None = None
    group_by: str = "alertname"
    hold: str = ""
    group_wait: str = "30s"
    group_interval: str = "5m"
    # How many series there may be, for peers that have a limit.
    most_series: int = 1_000_000


class Targets:
    """The process that serves bodies on ports."""

    def __init__(self, bench, bodies, ports):
        """`bodies` are plan lines; `ports` name a body by its number each."""
        self.ports = [bench.port() for _ in ports]
        plan = []
        for lines in bodies:
            plan += ["body"] + lines
        for place, (port, which) in enumerate(zip(self.ports, ports)):
            plan.append(f"port {port} {which} {1 + place % 9 / 10:.1f}")
        self.process = bench.start(
            "targets", bench.compiled("targets.c"), bench.write("targets.plan", "\n".join(plan) + "\n"))
        bench.wait("targets answer", 20, lambda: self.stats() is not None)

    @property
    def addresses(self):
        return [f"127.0.0.1:{port}" for port in self.ports]

    @property
    def sink(self):
        return f"http://{self.addresses[0]}/sink"

    def stats(self):
        return measure.get_json(f"http://127.0.0.1:{self.ports[0]}/stats")


class Peer:
    """The programs of one peer."""

    def __init__(self, name, bench, url):
        self.name, self.bench, self.url, self.processes = name, bench, url, []

    def start(self, name, *command, **more):
        process = self.bench.start(f"{self.name}-{name}", *command, **more)
        self.processes.append(process)
        return process

    def ready(self, path, what=None, seconds=300, step=0.05):
        self.bench.wait(f"{what or self.processes[-1].name} is ready", seconds,
                        lambda: measure.get(self.url + path) is not None, step)

    def value(self, expression):
        """The number a PromQL expression gives; not a number when it gives none."""
        query = measure.urllib.parse.urlencode({"query": expression})
        answer = measure.get_json(f"{self.url}/api/v1/query?{query}", timeout=60)
        if answer is None:
            raise measure.Failed(f"{self.name} does not answer {expression}")
        result = answer["data"]["result"]
        return float(result[0]["value"][1]) if result else math.nan


def indented(text, by):
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def prometheus_rules(work):
    """The rule files of Prometheus and vmalert."""
    lines = ["groups:"]
    for place in range(0, len(work.rules), work.group):
        lines += [f"- name: group{place // work.group}", f"  interval: {work.every}s", "  rules:"]
        for name, expression in work.rules[place:place + work.group]:
            lines += [f"  - alert: {name}", f"    expr: {json.dumps(expression)}",
                      "    labels: {severity: warning}",
                      f"    annotations: {{summary: {json.dumps(name + ' is {{ $value }}')}}}"]
            if work.hold:
                lines.append(f"    for: {work.hold}")
    return "\n".join(lines) + "\n"


def scrape_jobs(work, peer):
    jobs = []
    for job, addresses in work.scrapes:
        jobs += [f"- job_name: {job}", f"  metrics_path: /{peer}/metrics", "  static_configs:",
                 f"  - targets: {json.dumps(addresses)}"]
    return jobs


def prometheus(bench, work, node_exporter=False):
    """Prometheus, with Alertmanager when messages go somewhere, blackbox_exporter when there are
    probes, and node_exporter when the host is watched."""
    port = bench.port()
    peer = Peer("prometheus", bench, f"http://127.0.0.1:{port}")
    scrapes = scrape_jobs(work, "prometheus")
    settings = ["global:", f"  scrape_interval: {work.every}s", f"  evaluation_interval: {work.every}s"]
    if work.every < 10:
        settings.append(f"  scrape_timeout: {work.every}s")
    if node_exporter:
        node = bench.port()
        peer.start("node_exporter", "prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{node}")
        scrapes += ["- job_name: node", "  static_configs:", f"  - targets: ['127.0.0.1:{node}']"]
    if work.probes:
        blackbox = bench.port()
        modules = bench.write("blackbox.yml", "modules:\n  http_2xx:\n    prober: http\n    timeout: 5s\n")
        peer.start("blackbox", "prometheus-blackbox-exporter", f"--config.file={modules}",
                   f"--web.listen-address=127.0.0.1:{blackbox}")
        for name, urls in work.probes:
            scrapes += [f"- job_name: {name}", f"  scrape_interval: {work.probe_every}s",
                        "  metrics_path: /probe", "  params: {module: [http_2xx]}",
                        "  static_configs:", f"  - targets: {json.dumps(urls)}", "  relabel_configs:",
                        "  - {source_labels: [__address__], target_label: __param_target}",
                        "  - {source_labels: [__param_target], target_label: instance}",
                        f"  - {{target_label: __address__, replacement: '127.0.0.1:{blackbox}'}}"]
            if work.probe_every < 10:
                scrapes.append(f"  scrape_timeout: {work.probe_every}s")
    if work.slack or work.webhook:
        alertmanager(bench, work, peer, settings)
    if work.rules:
        settings.append(f"rule_files: ['{bench.write('rules.yml', prometheus_rules(work))}']")
    text = "\n".join(settings + ["scrape_configs:"] + scrapes) + "\n"
    configuration = bench.write("prometheus.yml", text)
    peer.command = ["prometheus", f"--config.file={configuration}",
                    f"--storage.tsdb.path={bench.folder / 'prometheus-data'}",
                    f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
    peer.server = peer.start("server", *peer.command)
    peer.ready("/-/ready")
    return peer


def alertmanager(bench, work, peer, settings):
    port = bench.port()
    channel = ["  slack_configs:", f"  - {{api_url: '{work.slack}', channel: '#alerts'}}"]
    if work.webhook:
        channel = ["  webhook_configs:", f"  - {{url: '{work.webhook}'}}"]
    configuration = bench.write("alertmanager.yml", "\n".join([
        "route:", "  receiver: ops", f"  group_wait: {work.group_wait}", f"  group_interval: {work.group_interval}",
        f"  group_by: [{work.group_by}]", "receivers:", "- name: ops", *channel]) + "\n")
    peer.start("alertmanager", "prometheus-alertmanager", f"--config.file={configuration}",
               f"--storage.path={bench.folder / 'alertmanager-data'}", "--cluster.listen-address=",
               f"--web.listen-address=127.0.0.1:{port}")
    settings += ["alerting:", "  alertmanagers:", "  - static_configs:",
                 f"    - targets: ['127.0.0.1:{port}']"]


def victoria_metrics(bench, work):
    """VictoriaMetrics, with vmalert when there are rules."""
    port, alert_port = bench.port(), bench.port()
    peer = Peer("victoria", bench, f"http://127.0.0.1:{port}")
    text = "\n".join(["global:", f"  scrape_interval: {work.every}s", "scrape_configs:"]
                     + scrape_jobs(work, "victoria")) + "\n"
    configuration = bench.write("victoria.yml", text)
    peer.start("server", "victoria-metrics", f"-promscrape.config={configuration}",
               f"-storageDataPath={bench.folder / 'victoria-data'}", "-retentionPeriod=1",
               f"-httpListenAddr=127.0.0.1:{port}", "-loggerLevel=WARN",
               "-search.latencyOffset=1s", "-promscrape.maxScrapeSize=64000000")
    peer.ready("/health")
    if work.rules:
        rules = bench.write("victoria-rules.yml", prometheus_rules(work))
        peer.start("vmalert", "vmalert", f"-rule={rules}", f"-datasource.url={peer.url}",
                   f"-notifier.url={work.sink}", f"-httpListenAddr=127.0.0.1:{alert_port}",
                   f"-evaluationInterval={work.every}s", "-loggerLevel=WARN")
        peer.alerts = f"http://127.0.0.1:{alert_port}"
        bench.wait("victoria-vmalert is ready", 30, lambda: measure.get(peer.alerts + "/health"))
    return peer


def tocsin(bench, work, program, host=False, name="tocsin", receiver=None):
    """Tocsin, alone."""
    port = bench.port()
    peer = Peer(name, bench, f"http://127.0.0.1:{port}")
    lines = ["daemon {", f"  listen      127.0.0.1:{port}",
             f"  socket      {bench.folder / (name + '.sock')}",
             f"  data        {bench.folder / (name + '-data')}",
             f"  limit series {work.most_series}", "}"]
    if not host:
        lines += ["host off"]
    lines += ["defaults scrape {", f"  every       {work.every}s"]
    if work.every < 10:
        lines.append(f"  timeout     {work.every}s")
    lines.append("}")
    for job, addresses in work.scrapes:
        urls = ",\n  ".join(f"http://{address}/tocsin/metrics" for address in addresses)
        lines.append(f"scrape {job} {urls}")
    for probe, urls in work.probes:
        lines += [f"probe http {probe} " + ",\n  ".join(urls) + " {", f"  every       {work.probe_every}s",
                  "  timeout     5s" if work.probe_every > 5 else "  timeout     900ms",
                  "  level       off", "}"]
    for place in range(0, len(work.rules), work.group):
        lines += [f"group group{place // work.group} {{", f"  every       {work.every}s"]
        for rule, expression in work.rules[place:place + work.group]:
            lines += [f"  alert {rule} {{", f"    when        {expression}"]
            if work.hold:
                lines.append(f"    for         {work.hold}")
            lines += ["    severity    warning", f'    summary     "{rule} is {{{{ value }}}}"', "  }"]
        lines.append("}")
    if receiver:
        lines += receiver
    elif work.webhook:
        lines += ["receiver ops {", f"  webhook {work.webhook}", "}"]
    elif work.slack:
        lines += ["receiver ops {", '  slack "#alerts" {', f'    url         "{work.slack}"', "  }", "}"]
    lines += ["route {", f"  to          {'ops' if work.slack or work.webhook or receiver else 'terminal'}",
              f"  group by    {work.group_by}", f"  wait        {work.group_wait}",
              f"  update      {work.group_interval}", "}"]
    configuration = bench.write(f"{name}.tocsin", "\n".join(lines) + "\n")
    peer.command = [program, "run", configuration]
    peer.server = peer.start("server", *peer.command)
    peer.ready("/-/ready")
    return peer
