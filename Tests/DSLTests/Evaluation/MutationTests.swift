import DSL
import Testing

/// Recipes with random damage: whatever they say, the checker and the evaluator come to an end.
@Suite struct MutationTests {
  /// SplitMix64, so that a failure can be run again.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private static let recipe = """
    /// A document that says most of what can be said.
    limit = 3
    sizes = [1, 2, limit]
    settings = { rate: 0.5, deep: { on: true } }
    function scale(n: Int in 0...100, by: Float = 0.5, how: up | down = up) {
      total = 0.0
      for i in 1...n { total = total + i * by }
      match how {
        up: { return total }
        down: { return -total }
      }
    }
    algorithm tend(tree: Tree, rounds: Int in 0...20 = 2, mode: wait | prune | feed = wait, least: Float = 1) {
      current = tree
      log 0 { weight: weigh(current.pick(2)), taste(current.pick()) }
      for n in 1...rounds {
        fruit = current.pick(n, stream: n % 2)
        kept = match mode {
          wait: fruit
          prune: fruit where weight > least and not ripe
          feed: fruit where neighbour.weight - 2 * least < weight or spots == 3
        }
        current = current.graft(on: match n == rounds { true: tree.root, false: current.root })
        log n { weight: weigh(kept, by: [weight, spots]), last: taste(kept), n: n, scaled: scale(n, how: down) }
      }
      return current
    }
    tree = plant(pear, height: scale(4) / length(sizes), soil: clay(depth: sizes[1]))
    study s = tend(tree, rounds: 2 * k) {
      vary k in 1...3
      vary (mode, least) in [(wait, 1), (prune, 0.5), (feed, 2.0)]
      except mode == wait and k > 2
      seeds [1, 5]
    }
    table s { rows mode, k, columns weight, last.sweet, at best last.sweet, where k < 3, against mode == feed and k == 1 }
    plot s { x iteration, y weight, last.sour, color mode, facet k }
    plot s { x k, y weight, color mode, at 1 }
    expect s[2, prune].last.sweet at last > s[mode: wait].sweet at 0 - 0.1 * settings.rate with confidence
    show tree.root
    show scale(limit, by: settings.rate, how: down)
    show sizes
    """

  private static let words: [String] = {
    var words: [String] = []
    var word = ""
    for character in recipe + "\n" {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
      } else {
        if !word.isEmpty { words.append(word) }
        words.append(String(character))
        word = ""
      }
    }
    return words
  }()

  @Test func `the recipe without damage is sound`() {
    let compilation = compileCell(Self.recipe, vocabulary: Orchard.vocabulary)
    #expect(messages(compilation) == [])
    #expect(compilation.plan?.studies[0].trials.count == 16)
  }

  @Test func `replaced, removed, doubled and exchanged words neither trap nor hang`() {
    var generator = Generator(state: 1)
    var limits = Limits()
    limits.work = 20_000
    limits.trials = 500
    let words = Self.words
    let extra = [
      "1_000_000_000", "0", "-", "9223372036854775807", "1e308", "[]", "s", "tend", "reward", "true", "()",
    ]
    var codes: Set<String> = []
    var sound = 0
    for _ in 0..<1500 {
      var mutated = words
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: mutated.indices, using: &generator)
        let other = Int.random(in: mutated.indices, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: mutated[place] = words[Int.random(in: words.indices, using: &generator)]
        case 1: mutated.remove(at: place)
        case 2: mutated.insert(mutated[other], at: place)
        case 3: mutated.swapAt(place, other)
        default: mutated[place] = extra[Int.random(in: extra.indices, using: &generator)]
        }
      }
      let compilation = compileCell(mutated.joined(), vocabulary: Orchard.vocabulary, limits: limits)
      // Either a plan or an error, never both and never neither.
      #expect((compilation.plan == nil) == compilation.diagnostics.hasErrors)
      codes.formUnion(compilation.diagnostics.sorted.map(\.code))
      if compilation.plan != nil { sound += 1 }
    }
    // The damage reaches deep: many kinds of mistakes, and many recipes that are still sound.
    #expect(codes.count > 40, "\(codes.sorted())")
    #expect(sound > 50, "\(sound)")
  }
}
