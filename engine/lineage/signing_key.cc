#include "engine/lineage/signing_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "base/check.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

struct Freed {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Context = std::unique_ptr<EVP_MD_CTX, Freed>;
using Bio = std::unique_ptr<BIO, Freed>;
using Key = std::unique_ptr<EVP_PKEY, Freed>;

const unsigned char* Unsigned(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Bio Reading(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string Written(BIO* bio) {
  char* at = nullptr;
  const long size = BIO_get_mem_data(bio, &at);
  return std::string(at, static_cast<size_t>(size));
}

// Nobody is there to be asked for a pass phrase.
int NoPassPhrase(char*, int, int, void*) { return 0; }

Key PrivateOf(std::string_view pem) {
  Key key(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, NoPassPhrase, nullptr));
  return key && EVP_PKEY_base_id(key.get()) == EVP_PKEY_ED25519 ? std::move(key) : nullptr;
}

PublicKey PublicPartOf(const EVP_PKEY* key) {
  PublicKey out;
  size_t size = out.size();
  LINEAL_CHECK(EVP_PKEY_get_raw_public_key(key, out.data(), &size) == 1 && size == out.size());
  return out;
}

}  // namespace

SigningKey::SigningKey(std::shared_ptr<evp_pkey_st> key)
    : key_(std::move(key)), public_key_(PublicPartOf(key_.get())) {}

SigningKey SigningKey::Make() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  LINEAL_CHECK(key != nullptr);
  return SigningKey(std::move(key));
}

absl::StatusOr<SigningKey> SigningKey::FromPem(std::string_view pem) {
  Key key = PrivateOf(pem);
  if (!key) return InvalidArgument("this is no private Ed25519 key in PEM");
  return SigningKey(std::move(key));
}

absl::StatusOr<SigningKey> SigningKey::LoadOrMake(FileSystem* files, const std::string& path) {
  absl::StatusOr<std::string> pem = files->ReadFile(path);
  if (pem.ok()) {
    auto key = FromPem(*pem);
    if (!key.ok()) return FailedPrecondition("the signing key in ", path, " cannot be read: ", MessageOf(key.status()));
    return key;
  }
  if (!absl::IsNotFound(pem.status())) return pem.status();
  if (const size_t end = path.rfind('/'); end != std::string::npos && end > 0) {
    LINEAL_RETURN_IF_ERROR(files->CreateDirectories(path.substr(0, end)));
  }
  SigningKey made = Make();
  LINEAL_RETURN_IF_ERROR(files->WriteSecret(path, made.ToPem()));
  return made;
}

std::string SigningKey::ToPem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  LINEAL_CHECK(PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return Written(bio.get());
}

std::string SigningKey::Sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  LINEAL_CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  LINEAL_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                              Unsigned(message), message.size()) == 1);
  return signature;
}

Digest SigningKey::Secret(std::string_view purpose) const {
  Digest seed;
  size_t size = seed.size();
  LINEAL_CHECK(EVP_PKEY_get_raw_private_key(key_.get(), seed.data(), &size) == 1 && size == seed.size());
  return Hmac(seed, purpose);
}

bool VerifySignature(const PublicKey& key, std::string_view message, std::string_view signature) {
  const Key raw(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Context context(EVP_MD_CTX_new());
  return raw && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, raw.get()) == 1 &&
         EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(), Unsigned(message), message.size()) == 1;
}

std::string PublicKeyPem(const PublicKey& key) {
  const Key raw(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Bio bio(BIO_new(BIO_s_mem()));
  LINEAL_CHECK(PEM_write_bio_PUBKEY(bio.get(), raw.get()) == 1);
  return Written(bio.get());
}

absl::StatusOr<PublicKey> PublicKeyFromPem(std::string_view pem) {
  if (const Key key = PrivateOf(pem)) return PublicPartOf(key.get());
  const Key key(PEM_read_bio_PUBKEY(Reading(pem).get(), nullptr, NoPassPhrase, nullptr));
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_ED25519) {
    return InvalidArgument("this is no Ed25519 key in PEM");
  }
  return PublicPartOf(key.get());
}

Digest Hmac(const Digest& secret, std::string_view message) {
  Digest out;
  unsigned size = 0;
  LINEAL_CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Unsigned(message), message.size(),
                    out.data(), &size) != nullptr);
  return out;
}

}  // namespace lineal::engine
