"""The queries of the `evaluate` benchmark. Most are wrapped in `count`, so that the evaluation
counts and not the writing of a thousand elements; the group `answers` has them whole."""
import dataclasses


@dataclasses.dataclass
class Query:
    group: str
    text: str
    #: Of a range query; none: an instant query.
    step: int = 0
    #: Prometheus 2.42's name of the function, where that is another one.
    renamed: tuple = ()
    #: Whether both must give the same numbers.
    compares: bool = True

    def upstream(self):
        text = self.text.replace(*self.renamed) if self.renamed else self.text
        return dataclasses.replace(self, text=text)


GAUGE, OTHER, COUNTER = "bench_gauge", "bench_other", "bench_requests_total"
STATE, BUCKETS, INFO = "bench_state", "bench_duration_seconds_bucket", "bench_info"
#: The group of queries that look at no series: shown, and no part of the goals.
ASKING = "what asking costs"
#: How many samples there are.
EVERYTHING = Query("check", " + ".join(
    f"sum(count_over_time({metric}[1h]))"
    for metric in [GAUGE, OTHER, COUNTER, STATE, BUCKETS, INFO]))


def counted(group, *texts, **more):
    return [Query(group, f"count({text})", **more) for text in texts]


def plain(group, *texts, **more):
    return [Query(group, text, **more) for text in texts]


selectors = counted(
    "selectors", GAUGE, GAUGE + '{shard="3"}', GAUGE + '{path=~"/api/v1/resource/.*5"}',
    GAUGE + '{zone!="zone-1"}', GAUGE + '{zone!~"zone-[12]"}', GAUGE + " offset 30m",
    f"-{GAUGE}", '{__name__=~"bench_(gauge|other)"}')

instant = counted(
    "functions of an instant vector",
    *(f"{name}({GAUGE})" for name in
      "abs ceil floor exp sqrt ln log2 log10 sgn round deg rad sin cos tan asin acos atan sinh cosh"
      " tanh asinh acosh atanh minute hour day_of_week day_of_month day_of_year days_in_month month"
      " year timestamp sort sort_desc".split()),
    f"clamp({GAUGE}, 10, 60)", f"clamp_min({GAUGE}, 10)", f"clamp_max({GAUGE}, 60)",
    f"round({GAUGE}, 0.5)", f'absent({GAUGE})', f"vector(scalar({GAUGE}))",
    f'label_replace({GAUGE}, "host", "$1", "server", "(.*):.*")',
    f'label_join({GAUGE}, "place", "-", "zone", "shard")',
    f"{GAUGE} - time()", f"{GAUGE} * pi()") + counted(
    "histograms", f"histogram_quantile(0.9, {BUCKETS})",
    f"histogram_quantile(0.9, rate({BUCKETS}[5m]))",
    f"histogram_quantile(0.9, sum by (le) (rate({BUCKETS}[1h])))")

over_time = counted(
    "functions of a range vector over 1 h",
    *(f"{name}_over_time({GAUGE}[1h])" for name in
      "avg sum count min max last present stddev stdvar absent".split()),
    f"quantile_over_time(0.9, {GAUGE}[1h])", f"deriv({GAUGE}[1h])",
    f"predict_linear({GAUGE}[1h], 600)", f"delta({GAUGE}[1h])", f"idelta({GAUGE}[1h])",
    f"changes({STATE}[1h])", f"resets({COUNTER}[1h])", f"rate({COUNTER}[1h])",
    f"increase({COUNTER}[1h])", f"irate({COUNTER}[1h])") + counted(
    "functions of a range vector over 5 min",
    f"rate({COUNTER}[5m])", f"increase({COUNTER}[5m])", f"max_over_time({GAUGE}[5m])",
    f"avg_over_time({GAUGE}[5m])")

smoothing = counted(
    "functions of a range vector over 1 h",
    f"double_exponential_smoothing({GAUGE}[1h], 0.5, 0.5)",
    renamed=("double_exponential_smoothing", "holt_winters"))

aggregations = plain(
    "aggregations",
    *(f"{name}({GAUGE})" for name in "sum avg min max count group stddev stdvar".split()),
    f"quantile(0.9, {GAUGE})",
    *(f"{name} by (shard) ({GAUGE})" for name in "sum avg min max count stddev".split()),
    f"quantile by (shard) (0.9, {GAUGE})", f"sum by (shard, zone) ({GAUGE})",
    f"count(sum by (path) ({GAUGE}))", f"sum without (server, path) ({GAUGE})",
    f"count(sum without (zone) ({GAUGE}))", f"topk(5, {GAUGE})", f"bottomk(5, {GAUGE})",
    f"topk by (shard) (2, {GAUGE})", f'count_values("value", {STATE})',
    f"sum by (shard) (rate({COUNTER}[5m]))")

operators = counted(
    "operators",
    *(f"{GAUGE} {sign} 3" for sign in "+ - * / % ^ atan2 == != > < >= <=".split()),
    f"{GAUGE} > bool 50", f"2 * {GAUGE}", f"{GAUGE} + {OTHER}", f"{GAUGE} / {OTHER}",
    f"{GAUGE} > {OTHER}", f"{GAUGE} > bool {OTHER}", f"{GAUGE} - on (path) {OTHER}",
    f"{GAUGE} * ignoring (zone) {OTHER}",
    f"{GAUGE} * on (path) group_left (version) {INFO}",
    f"{INFO} * on (path) group_right (version) {GAUGE}",
    f"{GAUGE} / ignoring (server, path) group_left sum without (server, path) ({GAUGE})",
    f"{GAUGE} and {OTHER}", f"{GAUGE} or {OTHER}", f"{GAUGE} unless {OTHER}",
    f"{GAUGE} and on (path) {INFO}", f"{GAUGE} unless on (path) {INFO}",
    f"{GAUGE} or on (shard) {OTHER}", f"{GAUGE} + (1 + 2 * 3)")

# The steps inside lie on samples, of which Prometheus 2.42 takes one more into each range.
subqueries = counted(
    "subqueries",
    f"max_over_time(rate({COUNTER}[5m])[30m:1m])", f"avg_over_time({GAUGE}[1h:1m])",
    f"min_over_time(sum by (shard) ({GAUGE})[1h:30s])",
    f"quantile_over_time(0.5, rate({COUNTER}[1m])[10m:30s])",
    f"sum_over_time(({GAUGE} > bool 50)[30m:1m])", compares=False)

answers = plain(
    "answers", GAUGE, f"rate({COUNTER}[5m])", f"abs({GAUGE})", f"sort_desc({GAUGE})",
    f"{GAUGE} + {OTHER}") + plain("answers", GAUGE + "[10m]")

ranges = counted(
    "range queries, 55 min in steps of 15 s",
    GAUGE, f"rate({COUNTER}[5m])", f"increase({COUNTER}[5m])", f"avg_over_time({GAUGE}[5m])",
    f"sum_over_time({GAUGE}[5m])", f"max_over_time({GAUGE}[5m])",
    f"quantile_over_time(0.9, {GAUGE}[5m])", f"stddev_over_time({GAUGE}[5m])",
    f"deriv({GAUGE}[5m])", f"{GAUGE} + {OTHER}", f"{GAUGE} > 50", f"abs({GAUGE})",
    f"histogram_quantile(0.9, rate({BUCKETS}[5m]))",
    f"{GAUGE} * on (path) group_left (version) {INFO}", f"{GAUGE} and on (path) {INFO}",
    step=15) + plain(
    "range queries, 55 min in steps of 15 s",
    f"sum by (shard) (rate({COUNTER}[5m]))", f"avg by (shard) ({GAUGE})", f"topk(3, {GAUGE})",
    f"quantile(0.9, {GAUGE})", step=15)

QUERIES = [
    Query(ASKING, "vector(1)"), *selectors, *instant, *over_time, *smoothing, *aggregations, *operators, *subqueries, *answers,
    *ranges]
