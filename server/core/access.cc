#include "server/core/access.h"

#include <openssl/crypto.h>

#include "base/status.h"

namespace lineal::server {
namespace {

std::vector<ApiKey> TwoKeys(std::string_view api_key, std::string_view read_only_key) {
  std::vector<ApiKey> keys;
  if (!api_key.empty()) keys.push_back({"admin", std::string(api_key), Right::kManage, ""});
  if (!read_only_key.empty()) keys.push_back({"read-only", std::string(read_only_key), Right::kRead, ""});
  return keys;
}

}  // namespace

AccessControl::AccessControl(const std::vector<ApiKey>& keys) {
  for (const ApiKey& key : keys) holders_.push_back({Sha256(key.key), {key.name, "", key.right, key.space}});
}

AccessControl::AccessControl(std::string_view api_key, std::string_view read_only_key)
    : AccessControl(TwoKeys(api_key, read_only_key)) {}

absl::Status AccessControl::Authorize(std::string_view presented_key, Right right, Caller* caller) const {
  if (open()) return absl::OkStatus();
  const Digest presented = Sha256(presented_key);
  // Over digests, and all of them, so that neither a common beginning of the keys nor their order shows in the time.
  const ApiKey* found = nullptr;
  for (const Holder& holder : holders_) {
    if (CRYPTO_memcmp(holder.digest.data(), presented.data(), presented.size()) == 0) found = &holder.key;
  }
  if (found == nullptr) {
    return absl::UnauthenticatedError(presented_key.empty() ? "an API key is required" : "the API key is not valid");
  }
  if (caller != nullptr) {
    caller->principal = found->name;
    caller->key_space = found->space;
  }
  if (right <= found->right) return absl::OkStatus();
  const std::string_view holder = found->right == Right::kRead ? "read-only key" : "key";
  return absl::PermissionDeniedError(
      StrCat("Forbidden: the ", holder,
             right == Right::kWrite ? " may not write" : " may not change collections or the server"));
}

}  // namespace lineal::server
