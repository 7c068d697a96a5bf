internal import COpenBLAS

/// The same product by OpenBLAS, for processors on which its kernels win and as the reference ours are tested against.
///
/// OpenBLAS gives a row other bits when the number of rows in the call changes, from four rows up; only in calls of eight rows does a row's
/// place not matter. So it gets tiles of eight rows (the last filled up with zeros), one thread each, spread over our threads: the bits depend
/// on the processor type alone.
extension MatrixProducts {
  /// How many rows a call has.
  private static var tileRows: Int { 8 }

  func openBLAS(
    _ a: Floats, rows: Int, rowStride: Int, depthStride: Int, by b: PackedMatrix, into c: RowView,
    adding: Bool
  ) {
    openblas_set_num_threads(1)
    let tiles = (rows + Self.tileRows - 1) / Self.tileRows
    pool.run(tiles) { tile in
      let first = tile * Self.tileRows
      let height = min(Self.tileRows, rows - first)
      let left = FloatBuffer(count: Self.tileRows * b.depth)
      for i in 0..<height {
        for k in 0..<b.depth {
          left.floats[i * b.depth + k] = a[(first + i) * rowStride + k * depthStride]
        }
      }
      let out = FloatBuffer(count: Self.tileRows * 16)
      for panel in 0..<(b.columns + 15) / 16 {
        let right = b.panels.slice(16 * panel * b.depth, 16 * b.depth)
        unsafe left.floats.withAddress { left in
          unsafe right.withAddress { right in
            unsafe out.floats.withAddress { out in
              unsafe cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(Self.tileRows), 16, blasint(b.depth), 1,
                left,
                blasint(b.depth), right, 16, 0, out, 16)
            }
          }
        }
        for i in 0..<height {
          for j in 0..<min(16, b.columns - 16 * panel) {
            let index = (first + i) * c.stride + 16 * panel + j
            c.floats[index] = (adding ? c.floats[index] : 0) + out.floats[16 * i + j]
          }
        }
      }
    }
  }
}

/// What OpenBLAS says of itself: version, threads, and the processor type it chose its kernels for.
package func openBLASDescription() -> (configuration: String, core: String) {
  let configuration = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? "unknown"
  let core = unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
  return (configuration.split(separator: " ").prefix(2).joined(separator: " "), core)
}
