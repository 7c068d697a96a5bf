/// Steps, each kept once: equal operation and arguments are one step.
///
/// Arguments are interned before they come here, so hashing a step reads a few words for each, however large the values behind them.
struct StepTable {
  struct Key: Hashable {
    var operation: Int
    /// In the order of the signature; last, where the operation uses it, the seed.
    var arguments: [Value]
  }
  private(set) var keys: [Key] = []
  /// The call in the text that made the step first.
  private(set) var sites: [Int] = []
  /// Steps that a step's arguments mention, each of a smaller index.
  private(set) var inputs: [[Int32]] = []
  private var indices: [Key: Int32] = [:]
  /// Other calls that gave a step that was there already.
  private(set) var repeats: [Int: [Int32]] = [:]
  private var lastRepeat: [Int32] = []
  private var marks: [UInt32] = []
  private var stamp: UInt32 = 0

  var count: Int { keys.count }

  mutating func intern(_ key: Key, site: Int, mentioned: [[Int32]]) -> Int32 {
    if let index = indices[key] {
      let position = Int(index)
      if sites[position] != site, lastRepeat[position] != site {
        lastRepeat[position] = Int32(site)
        repeats[site, default: []].append(index)
      }
      return index
    }
    let index = Int32(keys.count)
    var inputs: [Int32] = []
    for argument in key.arguments {
      switch argument {
      case .step(let step): inputs.append(step)
      case .compound(let compound): inputs += mentioned[Int(compound)]
      default: break
      }
    }
    keys.append(key)
    sites.append(site)
    self.inputs.append(inputs)
    lastRepeat.append(-1)
    marks.append(0)
    indices[key] = index
    return index
  }

  /// The steps and everything they need, ascending. Costs time in proportion to the result.
  mutating func closure(of roots: some Sequence<Int32>) -> [Int32] {
    stamp += 1
    var found: [Int32] = []
    for root in roots where marks[Int(root)] != stamp {
      marks[Int(root)] = stamp
      found.append(root)
    }
    var next = 0
    while next < found.count {
      for input in inputs[Int(found[next])] where marks[Int(input)] != stamp {
        marks[Int(input)] = stamp
        found.append(input)
      }
      next += 1
    }
    found.sort()
    return found
  }
}
