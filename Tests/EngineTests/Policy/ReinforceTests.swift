import Engine
import Synchronization
import Testing

/// The operation `reinforce` as a recipe calls it.
@Suite struct ReinforceTests {
  @Test func `a bonus of 0 is plain multi-turn REINFORCE, bit for bit`() throws {
    let world = try PolicyWorld()
    let plain = try world.reinforce()
    let without = try world.reinforce(rewards: [.field("previous.reward"), PolicyWorld.shaped(0)])
    let with = try world.reinforce(rewards: [.field("previous.reward"), PolicyWorld.shaped(10)])
    #expect(plain.bytes == without.bytes)
    #expect(plain.bytes != with.bytes)
  }

  @Test(arguments: ["full", "k3", "in_reward"])
  func `a penalty of 0 is none, bit for bit`(estimator: String) throws {
    let world = try PolicyWorld()
    let plain = try world.reinforce()
    let zero = try world.reinforce(["estimator": .choice(estimator)])
    let itself = try world.reinforce(
      ["estimator": .choice(estimator), "reference": .value(.model(world.policy))])
    let some = try world.reinforce(["estimator": .choice(estimator)], kl: [0.1, 0.1])
    #expect(plain.bytes == zero.bytes && plain.bytes == itself.bytes)
    #expect(plain.bytes != some.bytes)
  }

  @Test func `the first update meets the policy that sampled, and later ones another`() throws {
    let world = try PolicyWorld()
    let ratios = Mutex<[Int: Double]>([:])
    _ = try world.reinforce(["updates": .int(3)]) { event in
      if case .metric("ratio", let position, let value) = event { ratios.withLock { $0[position] = value } }
    }
    let found = ratios.withLock { $0 }
    #expect(found[1] == 1)
    #expect(found[2] != 1 && found[3] != nil)
  }

  @Test func `stage I moves first answers through the anchor alone`() throws {
    let world = try PolicyWorld()
    let stage1: [RowExpression] = [.number(0), .field("reward")]
    // Corrections count as prompts here, so that nothing but first answers can teach.
    var rows = world.rows
    for row in rows.rows.indices { rows.rows[row].turns[3].origin = .prompt }
    let free = try world.reinforce(rows: rows, rewards: stage1)
    #expect(free.bytes == world.policy.bytes, "without an anchor there is nothing to learn")
    let anchored = try world.reinforce(rows: rows, rewards: stage1, kl: [0.5, 0])
    #expect(anchored.bytes != world.policy.bytes)
    let own: [String: ArgumentValue] = ["reference": .value(.model(world.policy))]
    let home = try world.reinforce(own, rows: rows, rewards: stage1, kl: [0.5, 0])
    #expect(home.parameters.array() == world.policy.parameters.array(), "at the reference it pulls nowhere")
  }

  @Test func `a rewarded answer becomes likelier than the one it is compared with`() throws {
    let world = try PolicyWorld()
    func scores(_ model: Model) -> [Double] {
      world.rows.rows.map { row in
        let sequence = TrainingSequence(
          tokens: row.turns.flatMap(\.tokens),
          weights: row.turns.enumerated().flatMap {
            Array(repeating: $0 == 3 ? 1 : 0, count: $1.tokens.count)
          })
        return TokenScores(
          of: [sequence], by: model, keepingAll: false,
          products: MatrixProducts(pool: WorkPool(threads: 1), numerics: .native)
        ).chosen.reduce(0) { $0 + Double($1) }
      }
    }
    // Of question 1 the second correction earns more than the first; of question 0 both earn the same.
    let learned = try world.reinforce(
      rewards: [.number(0), .apply(.multiply, [.field("length"), .number(1)])])
    let before = scores(world.policy)
    let after = scores(learned)
    #expect(after[3] - after[2] > before[3] - before[2])
  }

  @Test func `moments go on from call to call, and through the store`() throws {
    let world = try PolicyWorld()
    let one = try world.reinforce()
    #expect(one.optimizer?.updates == 1)
    guard case .model(let stored) = try Value.decoded(one.bytes, as: .model) else {
      throw OperationError("not a model", remedy: "")
    }
    #expect(stored.bytes == one.bytes)
    let two = try world.reinforce(policy: one)
    #expect(two.optimizer?.updates == 2)
    #expect(two.bytes == (try world.reinforce(policy: stored).bytes))
    // The same two updates by one optimizer that never stopped.
    var settings = OptimizerSettings(learningRate: 1e-3, updates: 2)
    settings.schedule = .constant
    settings.warmup = 0
    settings.weightDecay = 0
    let trainer = Trainer(
      starting: world.policy.parameters, settings: settings,
      products: MatrixProducts(pool: WorkPool(threads: 1), numerics: .native))
    for model in [world.policy, one] {
      let update = PolicyUpdate(
        policy: model, reference: world.reference, settings: PolicySettings(penalties: [0, 0]),
        optimizer: settings, context: ExecutionContext(threads: 1))
      let prepared = try update.prepare(
        try PolicyBatch(
          world.rows.rows,
          rewards: world.rows.rows.map { $0.attempts.map { Double($0.score?.reward ?? 0) } }))
      _ = try trainer.update(
        prepared.sequences,
        minimising: PolicyObjective(
          tokens: prepared.tokens, starts: prepared.starts, divergence: .full, reference: nil))
    }
    #expect(trainer.finish().array() == two.parameters.array())
    let forgetful = Model(parameters: one.parameters, tokenizer: one.tokenizer)
    #expect(try world.reinforce(policy: forgetful).parameters.array() != two.parameters.array())
  }

  @Test func `a model without moments keeps its bytes, and cut-off moments are refused`() throws {
    let world = try PolicyWorld()
    let one = try world.reinforce()
    let bare = Model(parameters: one.parameters, tokenizer: one.tokenizer).bytes
    #expect(Array(one.bytes.prefix(bare.count)) == bare)
    #expect(one.bytes.count == bare.count + 8 * one.parameters.layout.count + 8)
    for missing in [1, 8, 9, 4 * one.parameters.layout.count] {
      #expect(throws: DecodingFault.self) {
        try Value.decoded(Array(one.bytes.dropLast(missing)), as: .model)
      }
    }
  }

  @Test func `an adapter is moved with moments of its own, and the model below it stays`() throws {
    let world = try PolicyWorld()
    let constructor = try #require(Catalogue.constructors.first { $0.name == "lora" })
    let lora = ArgumentValue.settings(
      constructor: "lora",
      fields: constructor.parameters.map {
        ($0.name, $0.name == "learning_rate" ? .float(1e-2) : $0.defaultValue ?? .none)
      })
    let one = try world.reinforce(["training": lora])
    let two = try world.reinforce(["training": lora], policy: one)
    #expect(two.parameters.array() == world.policy.parameters.array())
    #expect(two.optimizer?.updates == 2)
    #expect(two.optimizer?.first.count == two.adapter?.layout.count)
    guard case .model(let stored) = try Value.decoded(two.bytes, as: .model) else {
      throw OperationError("not a model", remedy: "")
    }
    #expect(stored.bytes == two.bytes && two.bytes != one.bytes)
  }

  @Test func `threads change no bit`() throws {
    let world = try PolicyWorld()
    let one = try world.reinforce(kl: [0.1, 0.2])
    #expect(try world.reinforce(kl: [0.1, 0.2], threads: 2).bytes == one.bytes)
  }

  @Test func `a balanced anchor weighs as much as it is told`() throws {
    let world = try PolicyWorld()
    var settings = PolicySettings(penalties: [0.5, 0.01])
    settings.isBalanced = true
    let update = PolicyUpdate(
      policy: world.policy, reference: world.reference, settings: settings,
      optimizer: OptimizerSettings(learningRate: 1e-3, updates: 1), context: ExecutionContext(threads: 1))
    let prepared = try update.prepare(
      try PolicyBatch(world.rows.rows, rewards: [[0, 1], [0, 0], [0, 0], [0, 0]]))
    let first = try #require(prepared.batch.attempts.first?.first)
    let penalty = Double(prepared.tokens[first.places.lowerBound].penalty)
    // |A| of the second attempts is 1, 1, 0, 0.
    #expect(abs(penalty * prepared.divergences[0] - 0.5 * 0.5) < 1e-5)
    #expect(throws: OperationError.self) {
      try world.reinforce(
        ["balance": .choice("earlier_attempts"), "estimator": .choice("in_reward")], kl: [1, 1])
    }
  }

  @Test func `rewards must fit the attempts`() throws {
    let world = try PolicyWorld()
    #expect(throws: OperationError.self) { try world.reinforce(rewards: [.field("reward")], kl: [0]) }
    #expect(throws: OperationError.self) { try world.reinforce(kl: [0]) }
    let nothing = Rows(rows: [], source: world.rows.source)
    #expect(try world.reinforce(rows: nothing).bytes == world.policy.bytes)
  }
}
