// Who may do what: an admin key and a read-only key, compared in constant time as digests. Without any key configured
// every request is allowed, and the server listens on loopback only.
//
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/hash.h"

namespace lineal::server {

enum class Right { kRead, kWrite, kManage };

class AccessControl {
 public:
  AccessControl(std::string_view api_key, std::string_view read_only_key);  // "" for none
  // OK; UNAUTHENTICATED for a missing or wrong key; PERMISSION_DENIED for a right the key has not.
  absl::Status Authorize(std::string_view presented_key, Right right) const;
  bool open() const { return !api_key_ && !read_only_key_; }

 private:
  std::optional<Digest> api_key_;
  std::optional<Digest> read_only_key_;
};

}  // namespace lineal::server
