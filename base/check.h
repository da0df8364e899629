// Invariants. A broken one ends the process with the expression and its place: user input is validated, never checked.
#pragma once

namespace lineal {
[[noreturn]] void CheckFailed(const char* expression, const char* file, int line);
}  // namespace lineal

#define LINEAL_CHECK(expression)                              \
  do {                                                        \
    if (!(expression)) [[unlikely]]                           \
      ::lineal::CheckFailed(#expression, __FILE__, __LINE__); \
  } while (false)

#ifdef LINEAL_DEBUG_CHECKS
#define LINEAL_DCHECK(expression) LINEAL_CHECK(expression)
#else
#define LINEAL_DCHECK(expression) \
  do {                            \
  } while (false && (expression))
#endif
