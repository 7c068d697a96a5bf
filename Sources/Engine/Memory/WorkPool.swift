import Glibc
import Synchronization

/// Threads that do numbered units of work: the only place in the engine that knows of threads.
///
/// Which units there are never depends on how many threads there are, and no unit reads what another of the same run
/// writes; so results do not depend on the threads. Between runs the threads spin for a moment, since a forward pass has hundreds of runs
/// and waking a sleeping thread costs more than most of them take; then they sleep.
package final class WorkPool: Sendable {
  package let threads: Int
  private let shared: Shared

  /// - Parameter threads: how many units may be under way at once; 1 works on the caller's thread alone.
  package init(threads: Int) {
    self.threads = max(1, threads)
    shared = Shared()
    for _ in 1..<max(1, threads) { shared.startThread() }
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
    withoutActuallyEscaping(body) { body in
      shared.run(count: count, workers: threads - 1, body: body)
    }
  }
}

/// What the threads of a pool share.
///
/// A run is published by raising `generation`; `next` hands out units; `busy` counts the workers still in the run. A worker
/// reads `work` only between seeing a new generation and lowering `busy`, and the caller writes it only when `busy` is 0.
@safe private final class Shared: @unchecked Sendable {
  private struct Work {
    var count = 0
    var body: (Int) -> Void = { _ in }
  }

  private var work = Work()
  private let generation = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let busy = Atomic<Int>(0)
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

  func startThread() {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    let status = unsafe pthread_create(&thread, nil, serveThread, context)
    precondition(status == 0, "the system refused a thread (error \(status))")
    pthread_detach(thread)
  }

  func stop() {
    stopped.store(true, ordering: .sequentiallyConsistent)
    wake()
  }

  func run(count: Int, workers: Int, body: @escaping (Int) -> Void) {
    work = Work(count: count, body: body)
    next.store(0, ordering: .relaxed)
    busy.store(workers, ordering: .relaxed)
    generation.add(1, ordering: .sequentiallyConsistent)
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wake() }
    takeUnits()
    var spins = 0
    while busy.load(ordering: .acquiring) > 0 {
      spins += 1
      if spins > 2000 { sched_yield() }
    }
    work = Work()
  }

  private func takeUnits() {
    let count = work.count
    let body = work.body
    while true {
      let unit = next.add(1, ordering: .relaxed).oldValue
      if unit >= count { return }
      body(unit)
    }
  }

  private func wake() {
    unsafe pthread_mutex_lock(mutex)
    unsafe pthread_cond_broadcast(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// A worker's life. It starts at generation 0, and every run raises the generation once, so none is missed.
  fileprivate func serve() {
    var seen = 0
    while true {
      var spins = 0
      while generation.load(ordering: .acquiring) == seen {
        if stopped.load(ordering: .relaxed) { return }
        spins += 1
        if spins > 20_000 {
          sleep(whileGenerationIs: seen)
          spins = 0
        }
      }
      seen += 1
      takeUnits()
      busy.subtract(1, ordering: .releasing)
    }
  }

  private func sleep(whileGenerationIs seen: Int) {
    sleepers.add(1, ordering: .sequentiallyConsistent)
    unsafe pthread_mutex_lock(mutex)
    while generation.load(ordering: .sequentiallyConsistent) == seen,
      !stopped.load(ordering: .sequentiallyConsistent)
    {
      unsafe pthread_cond_wait(condition, mutex)
    }
    unsafe pthread_mutex_unlock(mutex)
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
  }
}

/// Where a worker thread begins; its argument is the retained `Shared`.
private func serveThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context = unsafe context else { return nil }
  unsafe Unmanaged<Shared>.fromOpaque(context).takeRetainedValue().serve()
  return nil
}
