import Model
import Testing

@testable import PromQL

@Suite struct LabelHashTests {
  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("asdf", 0x4158_72F5_99CE_A71E),
      (
        "Call me Ishmael. Some years ago--never mind how long precisely-",
        0x02A2_E854_70D6_FD96
      ),
    ] as [(String, UInt64)])
  func hashesAsTheSpecificationSays(_ text: String, _ hash: UInt64) {
    #expect(Array(text.utf8).withUnsafeBytes { XXH64.hash($0) } == hash)
  }

  @Test func everyTextStandsAfterItsLength() {
    #expect(LabelHash.value(of: Labels()) == 0xEF46_DB37_51D8_E999)
    #expect(LabelHash.value(of: Labels(["job": "a", "__name__": "up"])) == 0xABB3_5243_313F_BB0B)
    func long(_ count: Int) -> Labels { Labels(["a": String(repeating: "x", count: count)]) }
    #expect(LabelHash.value(of: long(254)) == 0xD595_C508_2328_667A)
    #expect(LabelHash.value(of: long(300)) == 0x7334_729F_4D20_EA0B)
  }
}
