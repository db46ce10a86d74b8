import PromQL
import PromQLSyntax
import Testing

@Suite struct FunctionRegistryTests {
  @Test func namesAreUniqueAndSorted() {
    #expect(FunctionRegistry.names == FunctionRegistry.names.sorted())
    #expect(Set(FunctionRegistry.names).count == FunctionRegistry.names.count)
    #expect(FunctionRegistry.names.count > 80)
  }

  @Test func everyFunctionIsDocumented() {
    for function in FunctionRegistry.all {
      #expect(function.documentation.hasSuffix("."), "\(function.signature.name)")
    }
  }

  @Test func unknownNamesHaveNoSignature() {
    #expect(FunctionRegistry.signature(of: "rte") == nil)
    #expect(FunctionRegistry.signature(of: "rate")?.arguments == [.matrix])
    #expect(FunctionRegistry.signature(of: "round")?.variadic == 1)
  }
}
