/// What is read after some kernels of four rows and more, brought nearer while they compute.
///
/// Where kernels enough go by, each panel has its turn: asking for four of them with each step takes up to a tenth of a kernel's time. A few kernels ask for
/// all panels at once.
@safe package struct WideAhead {
  /// What the next kernel asks for first.
  @usableFromInline var address: UnsafePointer<Float>
  /// Words further with each step of a kernel.
  @usableFromInline let step: Int
  /// Words between panels that are asked for at once; 0 where each has its turn.
  @usableFromInline let panelStride: Int
  /// Kernels of a panel's turn, and words from its end to the next one's turn.
  @usableFromInline let turn: Int
  @usableFromInline let jump: Int
  /// Kernels before the next turn.
  @usableFromInline var left: Int

  /// `panels` panels, `stride` words apart, of each so many words, before which so many kernels go by.
  @inlinable
  package init(
    _ address: UnsafePointer<Float>, stride: Int, words: Int, panels: Int, kernels: Int, depth: Int
  ) {
    let isTogether = kernels < panels
    unsafe self.address = address
    turn = isTogether ? kernels : (kernels + panels - 1) / panels
    let steps = max(1, turn * depth)
    step = (words + steps - 1) / steps
    panelStride = isTogether ? stride : 0
    jump = stride - turn * depth * step
    left = turn
  }

  /// Nothing but what is there already.
  @inlinable
  package init(nothingBut address: UnsafePointer<Float>) {
    unsafe self.address = address
    (step, panelStride, turn, jump, left) = (0, 0, 0, 0, 0)
  }

  /// So many kernels went by, of `depth` steps each.
  @inlinable
  package mutating func go(kernels: Int, depth: Int) {
    guard turn > 0 else { return }
    let done = turn - left + kernels
    unsafe address += kernels * depth * step + done / turn * jump
    left = turn - done % turn
  }

  /// After a kernel: on to the next panel, where it has its turn.
  @inlinable @inline(__always)
  mutating func turnIfDone() {
    left -= 1
    guard left == 0 else { return }
    unsafe address += jump
    left = turn
  }
}
