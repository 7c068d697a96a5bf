internal import Synchronization

/// One answer that is asked for.
struct RequestedSample: Sendable {
  var request: Int
  /// Its place among the request's samples.
  var index: Int
  /// Keys its random numbers, with `key`.
  var question: UInt32
  var key: UInt32
  /// Its most tokens.
  var limit: Int
}

/// A prompt and all samples that begin with it, of whichever requests.
struct SampledPrompt: Sendable {
  let tokens: [Int32]
  var samples: [RequestedSample] = []
}

/// Prompts that wait, and what came of the others: all that lanes share.
package final class PromptQueue: Sendable {
  private struct State {
    var next = 0
    var done = 0
    var read = 0
    var results: [[Generation]]
    var error: (any Error)?
  }

  /// Each prompt once, in the order of its first request.
  let prompts: [SampledPrompt]
  /// Samples of all requests.
  let total: Int
  private let state: Mutex<State>

  /// - Parameter most: tokens of any sample.
  package init(_ requests: [GenerationRequest], most: Int) {
    var prompts: [SampledPrompt] = []
    var places: [[Int32]: Int] = [:]
    for (number, request) in requests.enumerated() where !request.sampleKeys.isEmpty {
      let place = places[request.prompt] ?? prompts.count
      if place == prompts.count {
        places[request.prompt] = place
        prompts.append(SampledPrompt(tokens: request.prompt))
      }
      for (index, key) in request.sampleKeys.enumerated() {
        prompts[place].samples.append(
          RequestedSample(
            request: number, index: index, question: UInt32(truncatingIfNeeded: request.question), key: key,
            limit: min(most, request.limits?[index] ?? .max)))
      }
    }
    self.prompts = prompts
    total = prompts.reduce(0) { $0 + $1.samples.count }
    state = Mutex(
      State(
        results: requests.map {
          Array(repeating: Generation(tokens: [], finish: .truncated), count: $0.sampleKeys.count)
        }))
  }

  /// The next prompt.
  func take() -> SampledPrompt? {
    state.withLock { state in
      guard state.error == nil, state.next < prompts.count else { return nil }
      state.next += 1
      return prompts[state.next - 1]
    }
  }

  /// Keeps a sample; gives how many there are now.
  func finish(_ sample: RequestedSample, _ generation: Generation) -> Int {
    state.withLock { state in
      state.results[sample.request][sample.index] = generation
      state.done += 1
      return state.done
    }
  }

  /// Counts tokens that the model has read.
  func count(read tokens: Int) {
    state.withLock { $0.read += tokens }
  }

  /// Lets the lanes begin nothing more, and finish no step that is not under way.
  func stop(_ error: any Error) {
    state.withLock { $0.error = $0.error ?? error }
  }

  var error: (any Error)? { state.withLock { $0.error } }
  package var results: [[Generation]] { state.withLock { $0.results } }
  /// Tokens that the model has read, those of prompts and those it said.
  package var read: Int { state.withLock { $0.read } }
}
