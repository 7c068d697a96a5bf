internal import Foundation

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// A language model behind a server with the OpenAI-compatible completions interface, as the author of feedback and updates.
///
/// What it says is kept as soon as it is said, and becomes part of the step's stored value: nobody is asked twice. Gold answers are never sent.
/// If `EMEND_SERVER_KEY` is set, it is sent along (`Authorization: Bearer …`); it is written nowhere.
package struct CompletionServer: Sendable, Hashable {
  package var address: String
  package var model: String
  package var temperature: Double
  package var maxTokens: Int
  /// In front of each prompt.
  package var examples: String
  /// Seconds before each further try, if the server is overloaded or the connection broke; it may ask for longer.
  package var pauses: [Double] = [1, 4, 15, 60]

  package init(
    address: String, model: String, temperature: Double = 0, maxTokens: Int = 256, examples: String = ""
  ) {
    self.address = address
    self.model = model
    self.temperature = temperature
    self.maxTokens = maxTokens
    self.examples = examples
  }

  /// What it says of each attempt, from three lines as in the paper: the earliest wrong step, the part, the reason. `nil` where they cannot be
  /// read. Its reason is in its own words, which the feedback's grammar does not have: it is left out.
  func feedback(
    _ requests: [TrajectoryEditor.Request], _ source: Questions, _ form: ReasoningForm,
    _ context: ExecutionContext
  ) throws -> [Feedback?] {
    try answers(
      requests.map { request in
        let attempt = request.trajectory.rounds[request.round].attempt.text
        return """
          \(examples)Question: \(source.questions[request.row.question].text)
          Answer: \(attempt)
          Which is the earliest step with an error? Name its number, or "Final response", or "none" if all is right; then the wrong part, copied; then why.
          Earliest error step:
          """
      }, context
    ).enumerated().map { index, text in
      Self.feedback(text, on: requests[index].trajectory.rounds[requests[index].round].attempt.text, form)
    }
  }

  /// Reads ` 3\nError segment: 6-4=3\nError reason: …`.
  package static func feedback(_ text: String, on attempt: String, _ form: ReasoningForm) -> Feedback? {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      String($0).trimmingBlanks
    }[...]
    guard var step = lines.popFirst()?.lowercased() else { return nil }
    if step.hasPrefix("earliest error step:") {
      step = String(step.dropFirst("earliest error step:".count)).trimmingBlanks
    }
    let count = form.stepCount(attempt)
    if step == "none" { return Feedback(.correct, rightSteps: count) }
    let mark = "error segment:"
    let part = lines.first { $0.lowercased().hasPrefix(mark) }.map {
      String($0.dropFirst(mark.count)).trimmingBlanks
    }
    // A part that does not stand in the attempt is no feedback on it.
    if let part, !part.isEmpty, attempt.firstRange(of: part) == nil { return nil }
    let quoted = part?.isEmpty == false ? part : nil
    if step == "final response" { return Feedback(.wrongAnswer, rightSteps: count, part: quoted) }
    guard let number = Int(step.filter { !"()".contains($0) }), number >= 1, number <= count else {
      return nil
    }
    return Feedback(.wrongStep, rightSteps: number - 1, part: quoted)
  }

  /// Its updates: the right steps, and what it writes after them up to the end or a line of its own making.
  func updates(
    _ requests: [TrajectoryEditor.Request], _ source: Questions, _ form: ReasoningForm,
    _ context: ExecutionContext
  ) throws -> [String] {
    var kept: [String] = []
    let prompts = requests.map { request in
      let round = request.trajectory.rounds[request.round]
      let said = round.feedback?.text ?? ""
      let feedback = Feedback(said, form.style) ?? Feedback(.wrongStep, rightSteps: 0)
      kept.append(form.rightPrefix(of: round.attempt.text, feedback))
      return """
        \(examples)Question: \(source.questions[request.row.question].text)
        Answer: \(round.attempt.text)
        Feedback: \(said)
        Updated Answer: \(kept[kept.count - 1])
        """
    }
    return zip(kept, try answers(prompts, context)).map { kept, text in
      let rest = form.style == .compact ? text.split(separator: "\n").first.map(String.init) ?? "" : text
      return kept + rest.trimmingBlanks
    }
  }

  private func answers(_ prompts: [String], _ context: ExecutionContext) throws -> [String] {
    var texts: [String] = []
    for (number, prompt) in prompts.enumerated() {
      if context.isCancelled() { throw CancellationError() }
      if let earlier = context.serverAnswers.earlier(number, prompt) {
        texts.append(earlier)
      } else {
        texts.append(try complete(prompt, isCancelled: context.isCancelled))
        try context.serverAnswers.keep(number, prompt, texts[number])
      }
      context.report(.progress(done: texts.count, total: prompts.count))
    }
    return texts
  }

  /// One completion.
  ///
  /// - Throws: `OperationError` that says what the server answered; `CancellationError`.
  package func complete(_ prompt: String, isCancelled: () -> Bool = { false }) throws -> String {
    let place = address.hasSuffix("/") ? address + "completions" : address + "/completions"
    guard let url = URL(string: place), url.scheme == "http" || url.scheme == "https" else {
      throw OperationError(
        "\(address.debugDescription) is no address of a server",
        remedy: "write it as http://localhost:8000/v1")
    }
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.timeoutInterval = 600
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    let body: [String: Any] = [
      "model": model, "prompt": prompt, "temperature": temperature, "max_tokens": maxTokens,
      "stop": ["[END]", "\nQuestion:"],
    ]
    request.httpBody = try JSONSerialization.data(withJSONObject: body, options: [.sortedKeys])
    if let key = ProcessInfo.processInfo.environment["EMEND_SERVER_KEY"], !key.isEmpty {
      request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
    }
    let (status, data) = try patientExchange(request, place, isCancelled)
    guard status == 200, let value = try? JSONValue(parsing: data),
      case .array(let choices)? = value["choices"], case .string(let text)? = choices.first?["text"]
    else {
      throw OperationError(
        "\(place) answered \(status): \(String(decoding: data.prefix(300), as: UTF8.self).debugDescription)",
        remedy: status == 401 || status == 403
          ? "set EMEND_SERVER_KEY to a key that this server takes"
          : "it should answer completions with choices that have a text; look at the model's name \(model.debugDescription). What it said so far is kept"
      )
    }
    return text
  }

  /// Asks again, after pauses, while the server is overloaded or connections break.
  private func patientExchange(
    _ request: URLRequest, _ place: String, _ isCancelled: () -> Bool
  ) throws -> (status: Int, data: Data) {
    var pauses = pauses[...]
    while true {
      let exchange = try exchange(request, isCancelled)
      let isBusy = exchange.status.map([408, 429, 500, 502, 503, 504].contains) ?? true
      // Where nobody listens, nobody will in a moment.
      let isNowhere = [.cannotConnectToHost, .cannotFindHost].contains(exchange.error?.code)
      guard isBusy, !isNowhere, let pause = pauses.popFirst() else {
        if let status = exchange.status { return (status, exchange.data) }
        throw OperationError(
          "\(place) does not answer: \(exchange.error?.localizedDescription ?? "no reason given")",
          remedy:
            "start the server, or correct `address`; what it said so far is kept and not asked for again")
      }
      let end = Date(timeIntervalSinceNow: max(pause, min(exchange.wanted ?? 0, 600)))
      while end.timeIntervalSinceNow > 0 {
        if isCancelled() { throw CancellationError() }
        Thread.sleep(forTimeInterval: min(0.2, max(0, end.timeIntervalSinceNow)))
      }
    }
  }

  private func exchange(_ request: URLRequest, _ isCancelled: () -> Bool) throws -> Exchange {
    let outcome = Outcome()
    let task = URLSession.shared.dataTask(with: request) { data, response, error in
      let response = response as? HTTPURLResponse
      outcome.finish(
        Exchange(
          status: response?.statusCode, data: data ?? Data(),
          wanted: response?.value(forHTTPHeaderField: "Retry-After").flatMap(Double.init),
          error: error as? URLError))
    }
    task.resume()
    while true {
      if let exchange = outcome.wait(seconds: 0.2) { return exchange }
      if isCancelled() {
        task.cancel()
        throw CancellationError()
      }
    }
  }
}

/// What came of one request.
private struct Exchange {
  /// `nil` if nothing came back.
  var status: Int?
  var data = Data()
  /// The pause in seconds that the server asked for.
  var wanted: Double?
  var error: URLError?
}

/// One answer, waited for.
private final class Outcome: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var result = Exchange()

  /// Called once, before `wait` gives what came.
  func finish(_ exchange: Exchange) {
    result = exchange
    done.signal()
  }

  /// What came; `nil` if nothing came in time.
  func wait(seconds: Double) -> Exchange? {
    done.wait(timeout: .now() + seconds) == .success ? result : nil
  }
}
