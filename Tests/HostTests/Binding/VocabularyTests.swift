import DSL
import Engine
import Host
import Testing

/// What recipes may say is what the engine can do, described.
struct VocabularyTests {
  @Test func `every operation of the engine can be said, with its parameters in order`() {
    let said = Vocabulary.emend.operations
    #expect(said.map(\.name) == Catalogue.operations.map(\.name))
    for (signature, operation) in zip(said, Catalogue.operations) {
      #expect(signature.parameters.map(\.name) == operation.parameters.map(\.name), "\(operation.name)")
      #expect(signature.usesSeed == operation.usesSeed, "\(operation.name)")
    }
    #expect(Vocabulary.emend.constructors.map(\.name) == Catalogue.constructors.map(\.name))
  }

  @Test func `everything is described, once, and bounded where it is a number`() {
    var names: Set<String> = []
    for signature in Vocabulary.emend.operations + Vocabulary.emend.constructors {
      #expect(names.insert(signature.name).inserted, "\(signature.name) stands twice")
      #expect(!signature.summary.isEmpty, "\(signature.name)")
      #expect(Set(signature.parameters.map(\.name)).count == signature.parameters.count, "\(signature.name)")
      for parameter in signature.parameters {
        #expect(!parameter.summary.isEmpty, "\(signature.name).\(parameter.name)")
        if parameter.type == .int || parameter.type == .float {
          #expect(parameter.bounds != nil, "\(signature.name).\(parameter.name) takes any number")
        }
      }
    }
    for metric in EvaluationMetric.all {
      #expect(!metric.summary.isEmpty && names.insert("metric \(metric.name)").inserted, "\(metric.name)")
    }
  }

  @Test func `a default reaches the engine as the catalogue has it, within its bounds`() throws {
    let pairs =
      zip(Vocabulary.emend.operations, Catalogue.operations).flatMap { zip($0.parameters, $1.parameters) }
      + zip(Vocabulary.emend.constructors, Catalogue.constructors).flatMap {
        zip($0.parameters, $1.parameters)
      }
    var compared = 0
    for (said, meant) in pairs {
      guard let value = said.defaultValue, let wanted = meant.defaultValue else {
        #expect((said.defaultValue == nil) == (meant.defaultValue == nil), "\(meant.name)")
        continue
      }
      let reached = try ArgumentValue(
        value, value: { _ in throw OperationError("a default is no step", remedy: "") },
        locate: { path, _ in (path, "") })
      #expect("\(reached)" == "\(wanted)", "\(meant.name)")
      if let bounds = meant.bounds {
        switch wanted {
        case .int(let number): #expect(bounds.contains(Double(number)), "\(meant.name)")
        case .float(let number): #expect(bounds.contains(number), "\(meant.name)")
        default: break
        }
      }
      compared += 1
    }
    #expect(compared > 30)
  }

  @Test func `every field of a row that a filter may read is read by the engine`() throws {
    #expect(Vocabulary.emend.rowFields.map(\.path) == RowFieldDescription.all.map(\.path))
    #expect(Set(RowFieldDescription.all.map(\.path)).count == RowFieldDescription.all.count)
  }
}
