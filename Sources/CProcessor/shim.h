/// Asks for the cache line at `address` to be in the second-level cache soon; nothing happens where there is none.
static inline void emend_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }
