#include <sqlite3.h>
#ifdef __linux__
// What kind of filesystem a database is on decides how SQLite may be used; Swift's C library module lacks it.
#include <sys/statfs.h>
#endif
