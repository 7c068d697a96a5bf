/// The tables and views of the store.
package enum StoreSchema {
  /// The views that people and documents query, in the order in which they are explained.
  package static let viewNames = [
    "last_metrics", "all_metrics", "questions", "sample_texts", "step_times",
  ]
}
