// Included first wherever protobuf messages are: its headers give maps two more members when they see this macro, which
// Debian's library, built without it, does not have. The standard library has taken note of it by then.
#include <memory>

#undef __SANITIZE_THREAD__
