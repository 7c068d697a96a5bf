/// Why a step is wrong.
package struct FaultReason: Hashable, Codable, Sendable {
  package enum Kind: String, CaseIterable, Codable, Sendable {
    /// The raw value is the code in the compact style.
    case unreadable = "form"
    case question = "copy"
    case value = "val"
    case earlier = "prev"
    case missing = "skip"
    case repeated = "rep"
    case letter = "let"
    case letterIndex = "idx"
    case letterPosition = "pos"
    case wordMissing = "less"
    case wordUnknown = "new"
    case wordTwice = "twice"
    case notAscending = "ord"
    case notSorted = "tie"
    case lettersUnread = "unread"
    case clue = "clue"
    case placement = "place"
    case option = "opt"
    case trailing = "more"
    case unfinished = "end"

    /// The generic reason, as in the sentence "This is because …".
    package var sentence: String {
      switch self {
      case .unreadable: "the step cannot be read"
      case .question: "it differs from the question"
      case .value: "the value is wrong"
      case .earlier: "it differs from an earlier step"
      case .missing: "a step that it needs is missing"
      case .repeated: "it was done before"
      case .letter: "the letter is wrong"
      case .letterIndex: "the place in the alphabet is wrong"
      case .letterPosition: "these words are to be compared by another letter"
      case .wordMissing: "a word is missing"
      case .wordUnknown: "there is no such word here"
      case .wordTwice: "a word stands there twice"
      case .notAscending: "the order is not ascending"
      case .notSorted: "words with different letters are not sorted"
      case .lettersUnread: "their letters have not been looked up"
      case .clue: "a clue says otherwise"
      case .placement: "it cannot stand there"
      case .option: "the option is wrong"
      case .trailing: "there is text after the answer"
      case .unfinished: "the answer is missing"
      }
    }
  }
  package var kind: Kind
  /// What would be right, in the script's own words, never the model's; `nil` in a generic reason.
  package var detail: String?

  package init(_ kind: Kind, _ detail: String? = nil) {
    self.kind = kind
    self.detail = detail
  }
}

/// What is wrong with one step.
package struct StepFault: Hashable, Sendable {
  /// The wrong part, as it stands in the step; `nil` if there is nothing to point at.
  package var part: String?
  package var reason: FaultReason

  package init(_ part: some StringProtocol, _ reason: FaultReason) {
    self.part = part.isEmpty ? nil : String(part)
    self.reason = reason
  }

  package init(_ part: some StringProtocol, _ kind: FaultReason.Kind, _ detail: String? = nil) {
    self.part = part.isEmpty ? nil : String(part)
    reason = FaultReason(kind, detail)
  }
}

/// How much feedback tells: the paper's switches `fb_wrong_segment`, `fb_reason` and `fb_specific_reason`.
package struct FeedbackDetail: Hashable, Codable, Sendable {
  package enum Reason: String, CaseIterable, Codable, Sendable {
    case none, generic, specific
  }
  /// Says which part of the step is wrong.
  package var part = true
  package var reason = Reason.specific

  package init(part: Bool = true, reason: Reason = .specific) {
    self.part = part
    self.reason = reason
  }
}

/// What a verifier says of a rationale, or what a model says of its own.
package struct Feedback: Hashable, Codable, Sendable {
  package enum Verdict: Hashable, Codable, Sendable {
    case correct
    /// The step after `rightSteps` is wrong.
    case wrongStep
    /// All steps are right, the final response is not.
    case wrongAnswer
  }
  package var verdict: Verdict
  /// How many steps are right before the first wrong one; all of them in a correct rationale.
  package var rightSteps: Int
  package var part: String?
  package var reason: FaultReason?

  package init(_ verdict: Verdict, rightSteps: Int, part: String? = nil, reason: FaultReason? = nil) {
    self.verdict = verdict
    self.rightSteps = rightSteps
    self.part = part
    self.reason = reason
  }

  /// The same with no more than this told.
  package func reduced(to detail: FeedbackDetail) -> Feedback {
    var result = self
    if !detail.part { result.part = nil }
    switch detail.reason {
    case .none: result.reason = nil
    case .generic: result.reason?.detail = nil
    case .specific: break
    }
    return result
  }

  /// Whether two say the same by the paper's measure: the same step, and one's part contains the other's.
  package func agrees(with other: Feedback) -> Bool {
    guard verdict == other.verdict, verdict == .correct || rightSteps == other.rightSteps else {
      return false
    }
    guard let part, let theirs = other.part else { return (part == nil) == (other.part == nil) }
    return part.firstRange(of: theirs) != nil || theirs.firstRange(of: part) != nil
  }
}
