// The Ed25519 key (RFC 8032) that checkpoints and receipts are signed with, and what checks its signatures.
//
// Threads: any.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/file_system.h"
#include "base/hash.h"
#include "engine/api/audit.h"

struct evp_pkey_st;

namespace lineal::engine {

inline constexpr size_t kSignatureBytes = 64;

class SigningKey {
 public:
  static SigningKey Make();
  // INVALID_ARGUMENT for text that is no private Ed25519 key.
  static absl::StatusOr<SigningKey> FromPem(std::string_view pem);
  // The key in the file; where there is none, a new one that only its owner may read.
  static absl::StatusOr<SigningKey> LoadOrMake(FileSystem* files, const std::string& path);

  const PublicKey& public_key() const { return public_key_; }
  std::string ToPem() const;
  std::string Sign(std::string_view message) const;
  // A secret that this key makes and nobody else can: one for each purpose.
  Digest Secret(std::string_view purpose) const;

 private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
  PublicKey public_key_{};
};

bool VerifySignature(const PublicKey& key, std::string_view message, std::string_view signature);

std::string PublicKeyPem(const PublicKey& key);
// Of a public key, or of a private one. INVALID_ARGUMENT for anything else.
absl::StatusOr<PublicKey> PublicKeyFromPem(std::string_view pem);

// HMAC with SHA-256 (RFC 2104).
Digest Hmac(const Digest& secret, std::string_view message);

}  // namespace lineal::engine
