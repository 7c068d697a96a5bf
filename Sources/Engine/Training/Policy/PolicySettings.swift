/// How a policy learns from what it sampled and what that was worth (REINFORCE, Williams 1992; for corrections, SCoRe, arXiv:2409.12917).
package struct PolicySettings: Sendable, Hashable {
  /// What a return is compared with. It lowers the variance and does not depend on the tokens it judges.
  package enum Baseline: String, Sendable, CaseIterable {
    case none
    /// The mean return of the other samples of the question (Ahmadian et al. 2024).
    case leaveOneOut = "leave_one_out"
    /// The mean return of the batch.
    case batchMean = "batch_mean"
  }

  /// How the divergence KL(π ‖ π_ref) from the reference is held down, over the tokens of an attempt.
  package enum Divergence: String, Sendable, CaseIterable {
    /// Σᵥ π(v)·(log π(v) - log π_ref(v)) at every token: exact given the tokens before.
    case full
    /// exp(d) - d - 1 with d = log π_ref - log π at the sampled token (Schulman's k3): positive, and in the mean the divergence.
    case k3
    /// Σ (log π - log π_ref) of the sampled tokens, taken off the reward of the same attempt.
    case inReward = "in_reward"
  }

  /// What an attempt's sum over tokens is divided by.
  package enum Normalization: String, Sendable, CaseIterable {
    case none
    /// Its number of tokens.
    case sequence
    /// The same number for all.
    case constant
  }

  package var baseline = Baseline.leaveOneOut
  package var divergence = Divergence.full
  package var normalization = Normalization.none
  /// For `constant`.
  package var constantLength: Float = 64
  /// γ: how much of what later attempts are worth counts for an earlier one. 0: credit per attempt.
  package var discount: Double = 0
  /// One coefficient for each attempt.
  package var penalties: [Float]
  /// The coefficients of all attempts but the last are multiplied by mean |advantage of the last| over the attempt's divergence, so that they say
  /// how large that term is beside the last attempt's objective.
  package var isBalanced = false
  /// Passes over the rows; from the second on, samples count by how much likelier they have become.
  package var updates = 1

  package init(penalties: [Float]) {
    self.penalties = penalties
  }

  /// Divergences below this are not balanced any further.
  static let leastBalancedDivergence = 0.01
}
