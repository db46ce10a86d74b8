import Model
import Templates
import Testing

private let values: [(Double, Unit, String)] = [
  (0.83, .ratio, "83 %"), (0.8333, .ratio, "83.3 %"), (0.05123, .ratio, "5.1 %"),
  (0.9999, .ratio, "99.99 %"), (0.9995, .ratio, "99.95 %"), (0.999_999_9, .ratio, "99.9999 %"),
  (1, .ratio, "100 %"), (1.5, .ratio, "150 %"), (0, .ratio, "0 %"), (83, .percent, "83 %"),
  (5_583_457_485, .bytes, "5.2 GiB"), (512, .bytes, "512 B"), (1023.7, .bytes, "1 KiB"),
  (-1_048_576, .bytes, "-1 MiB"), (1_258_291.2, .bytesPerSecond, "1.2 MiB/s"),
  (0.312, .seconds, "312 ms"), (1.5, .seconds, "1.5 s"), (90, .seconds, "90 s"),
  (0.9996, .seconds, "1 s"), (0.000_045, .seconds, "45 µs"), (7500, .seconds, "2 h 5 min"),
  (-7500, .seconds, "-2 h 5 min"), (0, .seconds, "0 s"),
  (1200, .perSecond, "1.2 k/s"), (3, .perSecond, "3/s"), (71.25, .celsius, "71.2 °C"),
  (512, .none, "512"), (1234.5, .none, "1234"), (0.051_23, .none, "0.0512"),
  (1_234_567, .none, "1.2 M"), (999_999, .none, "999999"), (.infinity, .bytes, "+Inf"),
  (.nan, .ratio, "NaN"), (0, .timestamp, "Thu 1 Jan 1970 00:00:00 UTC"),
  (1e300, .timestamp, "Fri 31 Dec 9999 23:59:59 UTC"), (1e-30, .none, "1e-30"),
  (-0.000_000_1, .ratio, "-0.00001 %"),
]

@Test(arguments: values)
func aNumberReadsWithItsUnit(_ value: Double, _ unit: Unit, _ expected: String) {
  #expect(ValueFormat.text(value, unit) == expected)
}

private let durations: [(Int64, String)] = [
  (0, "0 ms"), (312, "312 ms"), (42_000, "42 s"), (92_000, "1 min 32 s"), (1_400_000, "23 min"),
  (7_500_000, "2 h 5 min"), (7_200_000, "2 h"), (273_600_000, "3 d 4 h"),
  (34_560_000_000, "1 y 35 d"), (-60_000, "-1 min"),
]

@Test(arguments: durations)
func aDurationReadsInItsTwoLargestUnits(_ milliseconds: Int64, _ expected: String) {
  #expect(ValueFormat.duration(.milliseconds(milliseconds)) == expected)
}

private let raw: [(Double, String)] = [
  (0.1, "0.1"), (100_000, "100000"), (1_000_000, "1e+06"), (1e21, "1e+21"), (1.5e-5, "1.5e-05"),
  (0.0001, "0.0001"), (123_456_789, "1.23456789e+08"), (-2.5, "-2.5"), (0, "0"), (1e-7, "1e-07"),
  (1.0 / 3, "0.3333333333333333"), (6.02e23, "6.02e+23"), (.infinity, "+Inf"), (1e100, "1e+100"),
]

@Test(arguments: raw)
func aRawNumberIsPrintedAsGoPrintsIt(_ value: Double, _ expected: String) {
  #expect(ValueFormat.general(value) == expected)
}

private let human: [(Double, String)] = [
  (1_234_567, "1.235M"), (0.83, "830m"), (0, "0"), (12, "12"), (1e27, "1000Y"), (0.000_012, "12u"),
]

@Test(arguments: human)
func humanizeIsThatOfPrometheus(_ value: Double, _ expected: String) {
  #expect(ValueFormat.humanized(value) == expected)
}

@Test func fixedNeverOverrunsItsRoom() {
  #expect(ValueFormat.fixed(1.005, 2) == "1.00")
  #expect(ValueFormat.fixed(.greatestFiniteMagnitude, 20).count == 309 + 21)
  #expect(ValueFormat.fixed(.nan, 2) == "NaN")
}

@Test func aMomentTellsNoMoreThanItMust() {
  let zone = TimeZoneTable(name: "X", initialOffset: 3600, initialAbbreviation: "CET")
  let moment = Timestamp(milliseconds: 1_795_358_460_000)
  #expect(LocalTime(zone: zone, now: moment + .seconds(60)).short(moment) == "15:41")
  #expect(LocalTime(zone: zone, now: moment + .seconds(86_400)).short(moment) == "22 Nov 15:41")
  #expect(LocalTime(zone: zone).short(moment) == "22 Nov 2026 15:41")
  #expect(LocalTime(zone: zone).full(moment) == "Sun 22 Nov 2026 15:41:00 CET")
}
