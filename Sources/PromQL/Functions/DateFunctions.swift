import PromQLSyntax

/// Parts of the date that a value in seconds since the epoch stands for, in UTC.
let dateFunctions: [PromQLFunction] = [
  dateFunction("minute", "The minute of the hour, 0 to 59.") { Double($0.minute) },
  dateFunction("hour", "The hour of the day, 0 to 23.") { Double($0.hour) },
  dateFunction("day_of_week", "The day of the week, 0 for Sunday.") { Double($0.weekday) },
  dateFunction("day_of_month", "The day of the month, 1 to 31.") { Double($0.day) },
  dateFunction("day_of_year", "The day of the year, 1 to 366.") { Double($0.dayOfYear) },
  dateFunction("days_in_month", "How many days the month has.") { Double($0.daysInMonth) },
  dateFunction("month", "The month, 1 to 12.") { Double($0.month) },
  dateFunction("year", "The year.") { Double($0.year) },
]

private func dateFunction(
  _ name: String, _ documentation: String, _ part: @escaping @Sendable (CivilDate) -> Double
) -> PromQLFunction {
  PromQLFunction(
    name, [.vector], variadic: 1, traits: [.dependsOnTime],
    documentation + " Without an argument, of the evaluation time.", .date(part))
}
