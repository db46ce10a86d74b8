"""What the targets serve and what the rules ask, described once for every peer.

A target is like a service of medium size: counters with four to seven labels, histograms with
twelve buckets, gauges; every value but a few moves between two scrapes."""

BOUNDS = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"]
# How much of the requests is at most as long as each bound.
SHARES = [0.02, 0.08, 0.22, 0.41, 0.62, 0.81, 0.9, 0.955, 0.984, 0.995, 0.999, 1]
HANDLERS = ["/api/v1/orders", "/api/v1/orders/{id}", "/api/v1/customers", "/api/v1/search",
            "/api/v1/baskets/{id}/items", "/healthz/ready", "/internal/jobs/run", "/static/assets"]
METHODS = ["GET", "POST", "PUT", "DELETE"]
CODES = ["200", "204", "400", "404", "500"]
SERVICES = ["checkout", "catalogue", "identity", "payments"]


def selector(name, labels):
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels) + "}"


def body(series):
    """Plan lines of a body with so many series, in the proportions 45 % histograms, 36 % counters,
    19 % gauges."""
    histograms = max(1, round(series * 0.448 / 14 / 8))
    counters = max(1, round(series * 0.36 / 60))
    lines, left = [], series
    for family in range(histograms):
        left -= histogram(lines, family, min(8, left // 14))
    for family in range(counters):
        left -= counter(lines, family, min(60, left))
    family = 0
    while left > 0:
        left -= gauge(lines, family, min(16, left))
        family += 1
    return lines


def heading(lines, name, kind, text):
    lines.append(f"text # HELP {name} {text}")
    lines.append(f"text # TYPE {name} {kind}")


def histogram(lines, family, combinations):
    name = f"app_request_duration_{family}_seconds"
    heading(lines, name, "histogram", f"How long requests of kind {family} took, in seconds.")
    for index in range(combinations):
        labels = [("service", SERVICES[family % 4]), ("handler", HANDLERS[index % 8]),
                  ("method", METHODS[index % 4])]
        rate = 20 + 7 * index + family % 13
        for bound, share in zip(BOUNDS, SHARES):
            series = selector(f"{name}_bucket", labels + [("le", bound)])
            lines.append(f"i {int(90000 * rate * share)} {rate * share:.4f} {series}")
        lines.append(f"f {int(90000 * rate * 0.11)} {rate * 0.11:.4f} {selector(name + '_sum', labels)}")
        lines.append(f"i {90000 * rate} {rate} {selector(name + '_count', labels)}")
    return 14 * combinations


def counter(lines, family, combinations):
    name = f"app_http_responses_{family}_total"
    heading(lines, name, "counter", f"Responses of kind {family} by handler, method and code.")
    for index in range(combinations):
        code = CODES[index % 5]
        labels = [("service", SERVICES[family % 4]), ("handler", HANDLERS[index // 5 % 8]),
                  ("method", METHODS[index // 40 % 4]), ("code", code)]
        labels += [("region", "eu-central-1"), ("tenant", f"t{index % 7:02}"),
                   ("shard", str(index % 3))][: family % 4]
        rate = 0.2 if code == "500" else 1.5 + index % 11
        lines.append(f"i {int(250000 * rate)} {rate:.3f} {selector(name, labels)}")
    return combinations


def gauge(lines, family, combinations):
    name = f"app_queue_{family}_depth_bytes"
    heading(lines, name, "gauge", f"Bytes that wait in queues of kind {family}.")
    for index in range(combinations):
        labels = [("service", SERVICES[family % 4]), ("queue", f"outgoing-{index:02}"),
                  ("priority", str(index % 3)), ("pool", "workers-default"),
                  ("consumer_group", f"group-{index % 5}-primary")]
        lines.append(f"w {1000 + 37 * index} {5000 + 100 * family} {selector(name, labels)}")
    return combinations


def families(series):
    """How many families of each kind a body of so many series has."""
    found = {"duration": set(), "responses": set(), "queue": set()}
    for line in body(series):
        words = line.split(" ", 3)
        if words[0] == "text" and words[1:2] == ["#"] and words[2] == "TYPE":
            name = words[3]
            for kind in found:
                if f"_{kind}_" in name:
                    found[kind].add(name)
    return {kind: len(names) for kind, names in found.items()}


def rules(count, series):
    """Alert rules (name, expression) over the bodies' metrics: two fifths are rates, one fifth
    each error ratios, quantiles and maxima. None fires."""
    kinds = families(series)
    made = []
    for number in range(count):
        turn = number // 5
        handler, service = HANDLERS[turn % 8], turn % kinds["responses"]
        responses = f"app_http_responses_{service}_total"
        bucket = f"app_request_duration_{turn % kinds['duration']}_seconds_bucket"
        queue = f"app_queue_{turn % kinds['queue']}_depth_bytes"
        code = CODES[(turn + number) % 5]
        expression = [
            f'rate({responses}{{code="{code}"}}[5m]) > 100000',
            f'rate({responses}{{handler="{handler}"}}[5m]) > 100000',
            f'sum by (instance) (rate({responses}{{code="500"}}[5m])) '
            f'/ sum by (instance) (rate({responses}[5m])) > 0.5',
            f'histogram_quantile(0.99, sum by (le, job) (rate({bucket}{{method="{METHODS[turn % 4]}"}}[5m])))'
            ' > 9.5',
            f'max_over_time({queue}{{priority="{turn % 3}"}}[5m]) > 1e9',
        ][number % 5]
        made.append((f"Fleet{number:03}", expression))
    return made
