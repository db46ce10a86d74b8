import Diagnostics
import Testing

@Test(arguments: [
  ("fro", "for"), ("rte", "rate"), ("adn", "and"), ("waring", "warning"), ("valeu", "value"),
  ("critcal", "critical"), ("instnace", "instance"), ("group_by", "group by"), ("Evry", "every"),
])
func aSlipOfTheFingersIsUnderstood(_ wrong: String, _ right: String) {
  let words = [
    "group by", "every", "for", "rate", "and", "or", "warning", "critical", "value", "instance",
    "info", "labels", "wait", "update",
  ]
  #expect(Suggestion.nearest(to: wrong, in: words) == right)
}

@Test(arguments: ["x", "colour", "zzz", "", "fo"])
func aWordThatIsNothingLikeTheOthersGetsNoSuggestion(_ wrong: String) {
  #expect(Suggestion.nearest(to: wrong, in: ["every", "timeout", "expect"]) == nil)
}

@Test func theSameFirstLetterWinsAmongEquallyNear() {
  #expect(Suggestion.nearest(to: "mate", in: ["rate", "mute"]) == "mute")
}

@Test func editDistanceCountsASwapOnce() {
  #expect(Suggestion.editDistance("for", "fro") == 1)
  #expect(Suggestion.editDistance("", "abc") == 3)
  #expect(Suggestion.editDistance("kitten", "sitting") == 3)
}
