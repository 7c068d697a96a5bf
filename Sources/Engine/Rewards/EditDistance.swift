/// Edit distance (Levenshtein 1966) between two texts over the sum of their lengths, in characters: 0 for equal ones, at most 1.
///
/// SCoRe's measure of how much a correction changes (arXiv:2409.12917, Section 6). Of two empty texts it is 0.
package func editDistanceRatio(_ a: String, _ b: String) -> Double {
  let a = Array(a.unicodeScalars)
  let b = Array(b.unicodeScalars)
  guard !a.isEmpty || !b.isEmpty else { return 0 }
  var row = Array(0...b.count)
  for (i, left) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, right) in b.enumerated() {
      let replaced = diagonal + (left == right ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
    }
  }
  return Double(row[b.count]) / Double(a.count + b.count)
}
