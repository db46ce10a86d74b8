"""The samples of the `evaluate` benchmark: six metrics of up to 1,000 series, an hour of samples
15 s apart, made from a seed."""
import random

SPAN = 3600
INTERVAL = 15
STEPS = SPAN // INTERVAL
BOUNDS = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf"]
#: Series of all metrics together, and their samples.
SERIES = 4 * 1000 + 1000 + 100
COUNT = SERIES * STEPS


def label_sets():
    """1,000 label sets of the kind that scrapes bring."""
    return [
        f'server="10.0.{place // 100}.{place % 100}:9100",shard="{place % 10}",'
        f'zone="zone-{place % 3}",path="/api/v1/resource/{place}"' for place in range(1000)]


def bodies(seed, end):
    """The bodies of one scrape after the other, the last one at `end` (seconds)."""
    draw = random.Random(seed)
    labels = label_sets()
    gauges = [draw.uniform(0, 100) for _ in labels]
    others = [draw.uniform(1, 10) for _ in labels]
    counters = [draw.randrange(10_000) for _ in labels]
    buckets = [[0] * len(BOUNDS) for _ in range(100)]
    out = []
    for step in range(STEPS):
        lines = []
        stamp = (end - (STEPS - 1 - step) * INTERVAL) * 1000

        def write(metric, labels, value):
            lines.append(f"{metric}{{{labels}}} {value} {stamp}\n")

        for place, text in enumerate(labels):
            gauges[place] += draw.gauss(0, 1)
            others[place] = max(0.1, others[place] + draw.gauss(0, 0.1))
            # One in two thousand begins anew.
            counters[place] = 0 if draw.random() < 0.0005 else counters[place] + draw.randrange(50)
        # One metric's series stand together, as in every exposition.
        for place, text in enumerate(labels):
            write("bench_gauge", text, f"{gauges[place]:.3f}")
        for place, text in enumerate(labels):
            write("bench_other", text, f"{others[place]:.3f}")
        for place, text in enumerate(labels):
            write("bench_requests_total", text, counters[place])
        for place, text in enumerate(labels):
            write("bench_state", text, place * 7 % 5)
        for place, counts in enumerate(buckets):
            for index in range(len(BOUNDS)):
                counts[index] += draw.randrange(5)
            total = 0
            for bound, count in zip(BOUNDS, counts):
                total += count
                write("bench_duration_seconds_bucket", f'server="{place}",le="{bound}"', total)
        for place in range(100):
            write("bench_info", f'path="/api/v1/resource/{place}",version="v{place % 4}"', 1)
        out.append("".join(lines).encode())
    return out
