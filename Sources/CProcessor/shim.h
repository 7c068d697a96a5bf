#include <stdbool.h>

/// Asks for the cache line at `address` to be in the second-level cache soon; nothing happens where there is none.
static inline void emend_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }

/// Whether processor and system know what `Engine` is compiled for.
static inline bool emend_has_avx2(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

/// The same of `WideKernels`.
static inline bool emend_has_avx512(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}
