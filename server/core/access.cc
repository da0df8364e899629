#include "server/core/access.h"

#include <openssl/crypto.h>

#include "base/status.h"

namespace lineal::server {
namespace {

std::optional<Digest> DigestOf(std::string_view key) {
  if (key.empty()) return std::nullopt;
  return Sha256(key);
}

// Over digests, so that neither the length nor a common beginning of the keys shows in the time.
bool Matches(const std::optional<Digest>& key, const Digest& presented) {
  return key && CRYPTO_memcmp(key->data(), presented.data(), presented.size()) == 0;
}

}  // namespace

AccessControl::AccessControl(std::string_view api_key, std::string_view read_only_key)
    : api_key_(DigestOf(api_key)), read_only_key_(DigestOf(read_only_key)) {}

absl::Status AccessControl::Authorize(std::string_view presented_key, Right right) const {
  if (open()) return absl::OkStatus();
  const Digest presented = Sha256(presented_key);
  const bool admin = Matches(api_key_, presented);
  const bool reader = Matches(read_only_key_, presented);
  if (admin) return absl::OkStatus();
  if (!reader) {
    return absl::UnauthenticatedError(presented_key.empty() ? "an API key is required" : "the API key is not valid");
  }
  switch (right) {
    case Right::kRead:
      return absl::OkStatus();
    case Right::kWrite:
      return absl::PermissionDeniedError("Forbidden: the read-only key may not write");
    case Right::kManage:
      return absl::PermissionDeniedError("Forbidden: the read-only key may not change collections or the server");
  }
  return absl::PermissionDeniedError("Forbidden");
}

}  // namespace lineal::server
