import Glibc
import Synchronization

/// Threads that do numbered units of work: the only place in the engine that knows of threads.
///
/// No unit reads what another of the same run writes, and what a number is computed from is the same however the work is cut: so results do not depend on
/// the threads, though how many units there are may. Between runs the threads spin for a moment, since a forward pass has hundreds of runs
/// and waking a sleeping thread costs more than most of them take; then they sleep.
package final class WorkPool: Sendable {
  package let threads: Int
  private let shared: Shared

  /// - Parameter threads: how many units may be under way at once; 1 works on the caller's thread alone.
  package init(threads: Int) {
    self.threads = max(1, threads)
    shared = Shared()
    for worker in 1..<max(1, threads) { shared.startThread(worker) }
  }

  deinit {
    shared.stop()
  }

  /// Does units `0..<count` and returns when all are done.
  package func run(_ count: Int, _ body: (Int) -> Void) {
    if threads == 1 || count <= 1 {
      for unit in 0..<count { body(unit) }
      return
    }
    run(count) { unit, _ in body(unit) }
  }

  /// The same for a body that needs scratch memory: `worker`, below `threads`, says whose it may use.
  package func run(_ count: Int, _ body: (_ unit: Int, _ worker: Int) -> Void) {
    if threads == 1 || count <= 1 {
      for unit in 0..<count { body(unit, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      shared.run(count: count, body: body)
    }
  }
}

/// What the threads of a pool share.
///
/// `state` holds how many runs there have been, whether the last is open, and how many workers are in it. A worker enters an open run by
/// raising that number and reads `work` only while it is in; the caller closes the run when no unit is left and waits for those inside
/// alone. So a worker that the system has put aside delays nobody.
@safe private final class Shared: @unchecked Sendable {
  private struct Work {
    var count = 0
    var body: (_ unit: Int, _ worker: Int) -> Void = { _, _ in }
  }

  /// Workers inside: the low 15 bits. Above them the mark of an open run, above that the number of runs.
  private static let open = 1 << 15
  private static let inside = open - 1
  private static let oneRun = 1 << 16

  private var work = Work()
  private let state = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  func startThread(_ worker: Int) {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(Life(shared: self, worker: worker)).toOpaque()
    let status = unsafe pthread_create(&thread, nil, serveThread, context)
    precondition(status == 0, "the system refused a thread (error \(status))")
    pthread_detach(thread)
  }

  func stop() {
    stopped.store(true, ordering: .sequentiallyConsistent)
    wake()
  }

  func run(count: Int, body: @escaping (Int, Int) -> Void) {
    work = Work(count: count, body: body)
    next.store(0, ordering: .relaxed)
    state.add(Self.oneRun | Self.open, ordering: .sequentiallyConsistent)
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wake() }
    takeUnits(0)
    state.bitwiseAnd(~Self.open, ordering: .sequentiallyConsistent)
    var spins = 0
    while state.load(ordering: .acquiring) & Self.inside > 0 {
      spins += 1
      if spins > 2000 { sched_yield() }
    }
    work = Work()
  }

  private func takeUnits(_ worker: Int) {
    let count = work.count
    let body = work.body
    while true {
      let unit = next.add(1, ordering: .relaxed).oldValue
      if unit >= count { return }
      body(unit, worker)
    }
  }

  private func wake() {
    unsafe pthread_mutex_lock(mutex)
    unsafe pthread_cond_broadcast(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// A worker's life: enters every run that it meets open, and none twice.
  fileprivate func serve(_ worker: Int) {
    var seen = 0
    while true {
      var spins = 0
      var now = state.load(ordering: .acquiring)
      while now / Self.oneRun == seen {
        if stopped.load(ordering: .relaxed) { return }
        spins += 1
        if spins > 20_000 {
          sleep(whileRunIs: seen)
          spins = 0
        }
        now = state.load(ordering: .acquiring)
      }
      seen = now / Self.oneRun
      guard enter(now) else { continue }
      takeUnits(worker)
      state.subtract(1, ordering: .releasing)
    }
  }

  /// Enters a run unless it has closed meanwhile.
  private func enter(_ state: Int) -> Bool {
    var expected = state
    while expected & Self.open != 0, expected / Self.oneRun == state / Self.oneRun {
      let (exchanged, original) = self.state.compareExchange(
        expected: expected, desired: expected + 1, ordering: .acquiringAndReleasing)
      if exchanged { return true }
      expected = original
    }
    return false
  }

  private func sleep(whileRunIs seen: Int) {
    sleepers.add(1, ordering: .sequentiallyConsistent)
    unsafe pthread_mutex_lock(mutex)
    while state.load(ordering: .sequentiallyConsistent) / Self.oneRun == seen,
      !stopped.load(ordering: .sequentiallyConsistent)
    {
      unsafe pthread_cond_wait(condition, mutex)
    }
    unsafe pthread_mutex_unlock(mutex)
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
  }
}

/// What a worker thread is given.
private final class Life {
  let shared: Shared
  let worker: Int

  init(shared: Shared, worker: Int) {
    self.shared = shared
    self.worker = worker
  }
}

/// Where a worker thread begins; its argument is a retained `Life`.
private func serveThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context = unsafe context else { return nil }
  let life = unsafe Unmanaged<Life>.fromOpaque(context).takeRetainedValue()
  life.shared.serve(life.worker)
  return nil
}
