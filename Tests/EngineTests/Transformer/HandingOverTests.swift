import Engine
import Testing

@Suite struct HandingOverTests {
  @Test func `parameters that training gave away do not move when it goes on`() throws {
    let fixture = try Fixture("untied")
    let trainer = Trainer(
      starting: fixture.parameters, settings: fixture.settings,
      products: MatrixProducts(pool: WorkPool(threads: 1), numerics: .native))
    let before = fixture.parameters.array()
    _ = try trainer.update(fixture.batch)
    let first = trainer.finish()
    let numbers = first.array()
    #expect(numbers != before && fixture.parameters.array() == before)
    _ = try trainer.update(fixture.batch)
    let second = trainer.finish()
    #expect(first.array() == numbers)
    #expect(second.array() != numbers)
  }
}
