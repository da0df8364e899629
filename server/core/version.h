// What this build calls itself, and the REST dialect's version that clients compare with theirs.
#pragma once

namespace lineal::server {

inline constexpr char kLinealVersion[] = "0.1.0";
inline constexpr char kDialectVersion[] = "1.19.0";
// The commit this was built from: 40 hex digits.
extern const char kCommit[];

}  // namespace lineal::server
