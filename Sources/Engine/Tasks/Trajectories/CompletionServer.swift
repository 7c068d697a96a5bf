internal import Foundation

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// A language model behind a server with the OpenAI-compatible completions interface, as the author of feedback and updates.
///
/// What it says becomes part of the step's stored value: nobody is asked twice. Gold answers are never sent.
package struct CompletionServer: Sendable, Hashable {
  package var address: String
  package var model: String
  package var temperature: Double
  package var maxTokens: Int
  /// In front of each prompt.
  package var examples: String

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
    for prompt in prompts {
      if context.isCancelled() { throw CancellationError() }
      texts.append(try complete(prompt))
      context.report(.progress(done: texts.count, total: prompts.count))
    }
    return texts
  }

  /// One completion.
  ///
  /// - Throws: `OperationError` that says what the server answered.
  package func complete(_ prompt: String) throws -> String {
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
    let (status, data) = try exchange(request, place)
    guard status == 200, let value = try? JSONValue(parsing: data),
      case .array(let choices)? = value["choices"], case .string(let text)? = choices.first?["text"]
    else {
      throw OperationError(
        "\(place) answered \(status): \(String(decoding: data.prefix(300), as: UTF8.self).debugDescription)",
        remedy:
          "it should answer completions with choices that have a text; look at the model's name \(model.debugDescription)"
      )
    }
    return text
  }

  private func exchange(_ request: URLRequest, _ place: String) throws -> (status: Int, data: Data) {
    let outcome = Outcome()
    let task = URLSession.shared.dataTask(with: request) { data, response, error in
      outcome.finish(status: (response as? HTTPURLResponse)?.statusCode, data, error?.localizedDescription)
    }
    task.resume()
    let (status, data, error) = outcome.wait()
    guard let status else {
      throw OperationError(
        "\(place) does not answer: \(error ?? "no reason given")",
        remedy: "start the server, or correct `address`; what is stored already needs no server")
    }
    return (status, data ?? Data())
  }
}

/// One answer, waited for.
private final class Outcome: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var result: (status: Int?, data: Data?, error: String?) = (nil, nil, nil)

  /// Called once, before `wait` returns.
  func finish(status: Int?, _ data: Data?, _ error: String?) {
    result = (status, data, error)
    done.signal()
  }

  func wait() -> (status: Int?, data: Data?, error: String?) {
    done.wait()
    return result
  }
}
