// Who may do what: keys with a right each, compared in constant time as digests. Without any key configured every
// request is allowed, and the server listens on loopback only.
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/hash.h"
#include "server/core/caller.h"

namespace lineal::server {

enum class Right { kRead, kWrite, kManage };

// What a key's holder may do, who that is, and which embedding space the vectors are of that it sends.
struct ApiKey {
  std::string name;
  std::string key;
  Right right = Right::kRead;  // and what stands below it
  std::string space;
};

class AccessControl {
 public:
  explicit AccessControl(const std::vector<ApiKey>& keys);
  AccessControl(std::string_view api_key, std::string_view read_only_key);  // "" for none
  // OK; UNAUTHENTICATED for a missing or wrong key; PERMISSION_DENIED for a right the key has not. Says in `caller`,
  // where there is one, who it is.
  absl::Status Authorize(std::string_view presented_key, Right right, Caller* caller = nullptr) const;
  bool open() const { return holders_.empty(); }

 private:
  struct Holder {
    Digest digest;
    ApiKey key;  // without the key itself
  };
  std::vector<Holder> holders_;
};

}  // namespace lineal::server
