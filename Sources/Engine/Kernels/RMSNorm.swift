// Legend: T rows (tokens), C numbers a row.

/// y = x / √(mean(x²) + ε) · w, for one row of C numbers; gives 1/√(…).
@inline(__always)
package func normalizeRow(_ x: Floats, weight w: Floats, epsilon: Float, into y: Floats, _ C: Int) -> Float {
  let inverse = 1 / (dot(x, x, C) / Float(C) + epsilon).squareRoot()
  scaleRow(x, weight: w, inverse: inverse, into: y, C)
  return inverse
}

/// y = x · inverse · w.
@inline(__always)
private func scaleRow(_ x: Floats, weight w: Floats, inverse: Float, into y: Floats, _ C: Int) {
  let lanes = Vector(repeating: inverse)
  var c = 0
  while c + 8 <= C {
    y.store8(x.load8(c) * lanes * w.load8(c), c)
    c += 8
  }
  while c < C {
    y[c] = x[c] * inverse * w[c]
    c += 1
  }
}

/// The gradient of `normalizeRow` with respect to x, added to `dx`:
/// dx += i·(w ∘ dy) - x · i³/C · Σ(w ∘ dy ∘ x), where i = 1/√(…).
@inline(__always)
func normalizeRowBackward(
  _ dy: Floats, x: Floats, weight w: Floats, inverse: Float, into dx: Floats, _ C: Int
) {
  var lanes = Vector()
  var c = 0
  while c + 8 <= C {
    lanes = lanes.addingProduct(dy.load8(c) * w.load8(c), x.load8(c))
    c += 8
  }
  var projection = sum(lanes)
  while c < C {
    projection = projection.addingProduct(dy[c] * w[c], x[c])
    c += 1
  }
  let factor = -projection * inverse * inverse * inverse / Float(C)
  let inverses = Vector(repeating: inverse)
  let factors = Vector(repeating: factor)
  c = 0
  while c + 8 <= C {
    let own = (dx.load8(c)).addingProduct(dy.load8(c) * w.load8(c), inverses)
    dx.store8(own.addingProduct(x.load8(c), factors), c)
    c += 8
  }
  while c < C {
    dx[c] = dx[c].addingProduct(dy[c] * w[c], inverse).addingProduct(x[c], factor)
    c += 1
  }
}

/// RMSNorm and its gradient for some of T rows.
struct NormalizedRows {
  let x: Floats
  let weight: Floats
  /// 1/√(…) of each row.
  let inverses: Floats
  let C: Int

  /// y = norm(x), the reciprocals kept.
  @inline(__always)
  func normalize(_ rows: Range<Int>, epsilon: Float, into y: Floats) {
    for t in rows {
      inverses[t] = normalizeRow(
        x.slice(t * C, C), weight: weight, epsilon: epsilon, into: y.slice(t * C, C), C)
    }
  }

  /// The same of one row once more, from the reciprocal that was kept.
  @inline(__always)
  func normalizeAgain(_ t: Int, into y: Floats) {
    scaleRow(x.slice(t * C, C), weight: weight, inverse: inverses[t], into: y, C)
  }

  /// dx += its gradient.
  @inline(__always)
  func addGradient(_ rows: Range<Int>, _ dy: Floats, to dx: Floats) {
    for t in rows {
      normalizeRowBackward(
        dy.slice(t * C, C), x: x.slice(t * C, C), weight: weight, inverse: inverses[t],
        into: dx.slice(t * C, C), C)
    }
  }

  /// The gradient of the weight: Σ over T rows in ascending order of dy ∘ x · i.
  func addWeightGradient(_ dy: Floats, to dWeight: Floats, _ T: Int, _ pool: WorkPool) {
    pool.forEachColumns(C) { columns in
      var c = columns.lowerBound
      // What is read is in a row for as long as the registers last.
      while c + 64 <= columns.upperBound {
        var sums = InlineArray<8, Vector> { dWeight.load8(c + 8 * $0) }
        for t in 0..<T {
          let inverse = Vector(repeating: inverses[t])
          let at = t * C + c
          for i in 0..<8 {
            sums[i] = sums[i].addingProduct(dy.load8(at + 8 * i) * inverse, x.load8(at + 8 * i))
          }
        }
        for i in 0..<8 { dWeight.store8(sums[i], c + 8 * i) }
        c += 64
      }
      while c + 8 <= columns.upperBound {
        var sum = dWeight.load8(c)
        for t in 0..<T {
          sum = sum.addingProduct(dy.load8(t * C + c) * Vector(repeating: inverses[t]), x.load8(t * C + c))
        }
        dWeight.store8(sum, c)
        c += 8
      }
      while c < columns.upperBound {
        for t in 0..<T { dWeight[c] = dWeight[c].addingProduct(dy[t * C + c] * inverses[t], x[t * C + c]) }
        c += 1
      }
    }
  }
}

extension WorkPool {
  /// RMSNorm of T rows; `inverses` gets each row's 1/√(…).
  func normalize(
    _ x: Floats, weight: Floats, epsilon: Float, into y: Floats, inverses: Floats, _ T: Int, _ C: Int
  ) {
    let norm = NormalizedRows(x: x, weight: weight, inverses: inverses, C: C)
    forEachRows(T) { norm.normalize($0, epsilon: epsilon, into: y) }
  }

  /// Its gradient: added to `dx` and, where it is asked for, to `dWeight`.
  func normalizeBackward(
    _ dy: Floats, x: Floats, weight: Floats, inverses: Floats, dx: Floats, dWeight: Floats?, _ T: Int,
    _ C: Int
  ) {
    let norm = NormalizedRows(x: x, weight: weight, inverses: inverses, C: C)
    forEachRows(T) { norm.addGradient($0, dy, to: dx) }
    if let dWeight { norm.addWeightGradient(dy, to: dWeight, T, self) }
  }
}
