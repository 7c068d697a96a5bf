import DSL
import Foundation
import Host
import Testing

/// Two steps whose arguments hold every kind of value.
private struct World {
  var versions = ["task": 2, "evaluate": 1]
  var numerics = "native"
  var task: [PlanField] = [
    PlanField(name: "path", value: .file(path: "data.jsonl", relativeTo: 0)),
    PlanField(name: "operators", value: .list([.choice("add"), .choice("subtract")])),
    PlanField(name: "digits", value: .int(3)), PlanField(name: "name", value: .string("é")),
    PlanField(name: "exact", value: .bool(true)), PlanField(name: "nothing", value: .none),
  ]
  var evaluation: [PlanField] = [
    PlanField(name: "questions", value: .step(StepID(0), fields: ["test"])),
    PlanField(
      name: "decoding",
      value: .record(
        constructor: "nucleus",
        fields: [
          PlanField(name: "temperature", value: .float(0.6)), PlanField(name: "top_p", value: .float(0.9)),
        ])),
    PlanField(
      name: "plain",
      value: .record(
        constructor: nil,
        fields: [PlanField(name: "b", value: .int(-1)), PlanField(name: "a", value: .float(-0.0))])),
    PlanField(name: "condition", value: .rowExpression(condition)), PlanField(name: "seed", value: .int(7)),
  ]
  var span = Span(document: 0, start: 3, end: 9)

  static let condition = RowExpression.binary(
    .or,
    .binary(
      .and, .binary(.greater, .field("reward"), .unary(.minus, .number(0.5))),
      .unary(.not, .binary(.equal, .field("answer"), .string("x")))), .bool(false))

  var plan: Plan {
    Plan(steps: [
      Step(operation: "task", arguments: task, span: span),
      Step(operation: "evaluate", arguments: evaluation, span: span),
    ])
  }

  func keys(file: String) throws -> StepKeys {
    try StepKeys(of: plan, versions: versions, numerics: numerics, files: FileDigests()) { _, _ in file }
  }
}

@Suite struct StepKeysTests {
  private let folder: TemporaryFolder
  private let file: String

  init() throws {
    folder = try TemporaryFolder()
    file = folder.path + "/data"
    try Data("one\n".utf8).write(to: URL(fileURLWithPath: file))
  }

  /// Computed by a separate program, in Python, from the contract in `StepKeys`.
  @Test func `keys are the same in every process and on every machine`() throws {
    let keys = try World().keys(file: file)
    #expect(
      keys.keys.map(\.hex) == [
        "d7a3e3bb4ab0e8893857cfbbe6d00b652fb02038d83d85f7f291d9fa75eb8a53",
        "3e3abcfe7475f41c2ed7a7862de77c770c2da3ee238329074a66d105dec127fe",
      ])
  }

  @Test func `whatever a step reads changes its key, and the keys of those that use it`() throws {
    let base = try World().keys(file: file).keys
    var seen: Set<Digest> = [base[1]]
    func differs(_ what: String, both: Bool = false, _ change: (inout World) -> Void) throws {
      var world = World()
      change(&world)
      let keys = try world.keys(file: file).keys
      #expect((keys[0] != base[0]) == both, "\(what)")
      #expect(seen.insert(keys[1]).inserted, "\(what) has a key of its own")
    }
    try differs("operation's version") { $0.versions["evaluate"] = 2 }
    try differs("input's version", both: true) { $0.versions["task"] = 3 }
    try differs("numerics", both: true) { $0.numerics = "openblas 0.3.21 Zen" }
    for index in World().task.indices {
      try differs("name of \(index)", both: true) { $0.task[index].name += "x" }
      try differs("absence of \(index)", both: true) { $0.task.remove(at: index) }
    }
    try differs("list's order", both: true) {
      $0.task[1].value = .list([.choice("subtract"), .choice("add")])
    }
    try differs("list's length", both: true) { $0.task[1].value = .list([.choice("add")]) }
    try differs("list's nesting", both: true) {
      $0.task[1].value = .list([.list([.choice("add"), .choice("subtract")])])
    }
    try differs("choice or string", both: true) { $0.task[3].value = .choice("é") }
    try differs("string's spelling", both: true) { $0.task[3].value = .string("e\u{301}") }
    try differs("int or float", both: true) { $0.task[2].value = .float(3) }
    try differs("int", both: true) { $0.task[2].value = .int(4) }
    try differs("bool", both: true) { $0.task[4].value = .bool(false) }
    try differs("bool or int", both: true) { $0.task[4].value = .int(1) }
    try differs("none or empty", both: true) { $0.task[5].value = .list([]) }
    try differs("part of the input") { $0.evaluation[0].value = .step(StepID(0), fields: ["train"]) }
    try differs("whole of the input") { $0.evaluation[0].value = .step(StepID(0), fields: []) }
    try differs("deeper part of the input") {
      $0.evaluation[0].value = .step(StepID(0), fields: ["te", "st"])
    }
    let nucleus = [
      PlanField(name: "temperature", value: .float(0.6)), PlanField(name: "top_p", value: .float(0.9)),
    ]
    try differs("constructor") { $0.evaluation[1].value = .record(constructor: "sampling", fields: nucleus) }
    try differs("no constructor") { $0.evaluation[1].value = .record(constructor: nil, fields: nucleus) }
    try differs("a field fewer") {
      $0.evaluation[1].value = .record(constructor: "nucleus", fields: [nucleus[0]])
    }
    try differs("last bit of a number") {
      $0.evaluation[1].value = .record(
        constructor: "nucleus", fields: [nucleus[0], PlanField(name: "top_p", value: .float(0.9.nextUp))])
    }
    try differs("sign of zero") {
      $0.evaluation[2].value = .record(
        constructor: nil,
        fields: [PlanField(name: "b", value: .int(-1)), PlanField(name: "a", value: .float(0))])
    }
    let expressions: [RowExpression] = [
      .bool(false), .bool(true), .number(0), .string("reward"), .field("reward"), .unary(.not, .bool(false)),
      .unary(.minus, .number(1)), .binary(.and, .bool(true), .bool(false)),
      .binary(.or, .bool(true), .bool(false)),
      .binary(.and, .bool(false), .bool(true)),
    ]
    for expression in expressions {
      try differs("\(expression)") { $0.evaluation[3].value = .rowExpression(expression) }
    }
    try differs("a plain value for an expression") { $0.evaluation[3].value = .bool(false) }
    try differs("seed") { $0.evaluation[4].value = .int(8) }
    try Data("two\n".utf8).write(to: URL(fileURLWithPath: file))
    try differs("a file's content", both: true) { _ in }
  }

  @Test func `nothing else changes a key`() throws {
    let base = try World().keys(file: file).keys
    var world = World()
    world.span = Span(document: 1, start: 100, end: 200)
    #expect(try world.keys(file: file).keys == base)
    world = World()
    world.task.reverse()
    world.evaluation.reverse()
    #expect(try world.keys(file: file).keys == base)
    world = World()
    world.versions["other"] = 9
    #expect(try world.keys(file: file).keys == base)
    world.task[0].value = .file(path: "elsewhere/data.jsonl", relativeTo: 1)
    #expect(try world.keys(file: file).keys == base)
  }

  @Test func `what cannot have a key is told`() throws {
    var world = World()
    world.versions["evaluate"] = nil
    #expect(throws: KeyError.unknownOperation("evaluate")) { try world.keys(file: file) }
    #expect(throws: KeyError.self) { try World().keys(file: folder.path + "/nothing") }
    world = World()
    world.evaluation[0].value = .step(StepID(1), fields: [])
    #expect(throws: KeyError.disorder(step: StepID(1))) { try world.keys(file: file) }
  }

  @Test func `arguments read as JSON, and say all that the key covers`() throws {
    let keys = try World().keys(file: file)
    let identity = keys.identity(of: StepID(1))
    #expect(
      identity.arguments
        == #"{"condition":"((reward > -0.5) and (not (answer == \"x\"))) or false","decoding":{"constructor":"nucleus","temperature":0.6,"top_p":0.9},"plain":{"a":-0.0,"b":-1},"questions":{"step":"\#(keys[StepID(0)].hex)","fields":["test"]},"seed":7}"#
    )
    #expect(identity.inputs == [keys[StepID(0)]])
    #expect(
      keys.identity(of: StepID(0)).arguments
        == #"{"digits":3,"exact":true,"name":"é","nothing":null,"operators":["add","subtract"],"path":{"file":"data.jsonl","sha256":"\#(Digest(of: "one\n").hex)"}}"#
    )
  }

  @Test func `a difference is told down to where it starts`() throws {
    let old = try World().keys(file: file)
    var world = World()
    world.task[2].value = .int(4)
    world.evaluation[1].value = .record(
      constructor: "nucleus", fields: [PlanField(name: "temperature", value: .float(0.7))])
    world.versions["evaluate"] = 2
    let new = try world.keys(file: file)
    let known = [old, new].flatMap { keys in [0, 1].map { keys.identity(of: StepID($0)) } }
    let differences = KeyDifference.between(old.identity(of: StepID(1)), new.identity(of: StepID(1))) { key in
      known.first { $0.key == key }
    }
    #expect(
      differences.map(\.description) == [
        "`evaluate` computes something else since its version 2 (was 1)", "decoding.temperature: 0.6 → 0.7",
        "decoding.top_p: 0.9 → not there", "questions (task): digits: 3 → 4",
      ])
    #expect(differences.last?.roots == [.argument(path: "digits", "3", "4")])
    #expect(KeyDifference.between(known[1], known[1]) { _ in nil } == [])
    let unknown = KeyDifference.between(old.identity(of: StepID(1)), new.identity(of: StepID(1))) { _ in nil }
    #expect(unknown.last?.description == "questions: another step")
    try Data("two\n".utf8).write(to: URL(fileURLWithPath: file))
    let edited = try World().keys(file: file)
    let because = KeyDifference.between(old.identity(of: StepID(0)), edited.identity(of: StepID(0))) { _ in
      nil
    }
    #expect(because.map(\.description) == ["path: the content of data.jsonl changed"])
  }

  @Test func `four hundred thousand keys; their time is printed`() throws {
    let decoding = World().evaluation[1]
    var steps = World().plan.steps
    for index in 2..<Scale.large {
      steps.append(
        Step(
          operation: "evaluate",
          arguments: [
            PlanField(name: "model", value: .step(StepID(index - 1), fields: [])),
            PlanField(name: "questions", value: .step(StepID(0), fields: ["test"])), decoding,
            PlanField(name: "attempts", value: .int(2)), PlanField(name: "stream", value: .int(0)),
            PlanField(name: "seed", value: .int(index)),
          ], span: Span(document: 0, start: 0, end: 0)))
    }
    let plan = Plan(steps: steps)
    let clock = ContinuousClock()
    var count = 0
    let time = try clock.measure {
      count = try Set(
        StepKeys(of: plan, versions: World().versions, numerics: "native", files: FileDigests()) { _, _ in
          file
        }.keys
      ).count
    }
    #expect(count == Scale.large)
    print("\(Scale.large) keys: \(time)")
  }
}
