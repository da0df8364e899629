#include "engine/lineage/signed_note.h"

#include "base/base64.h"
#include "base/strings.h"
#include "engine/lineage/checkpoint.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// The first test of RFC 8032, its seed wrapped as RFC 8410 has it.
SigningKey KnownKey() {
  const std::string seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  const std::string der = FromHex("302e020100300506032b657004220420" + seed);
  return *SigningKey::FromPem(StrCat("-----BEGIN PRIVATE KEY-----\n", Base64(der), "\n-----END PRIVATE KEY-----\n"));
}

TEST(SigningKeyTest, SignsAsTheStandardHasIt) {
  const SigningKey key = KnownKey();
  const std::string signature = key.Sign("");
  EXPECT_EQ(HexOf(std::string(key.public_key().begin(), key.public_key().end())),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(
      HexOf(signature),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595"
      "bbe24655141438e7a100b");
  EXPECT_TRUE(VerifySignature(key.public_key(), "", signature));
  EXPECT_FALSE(VerifySignature(key.public_key(), "x", signature));
  EXPECT_FALSE(VerifySignature(SigningKey::Make().public_key(), "", signature));
}

TEST(SigningKeyTest, KeysAreReadBackFromPem) {
  const SigningKey key = SigningKey::Make();
  EXPECT_EQ(SigningKey::FromPem(key.ToPem())->public_key(), key.public_key());
  EXPECT_EQ(*PublicKeyFromPem(key.ToPem()), key.public_key());
  EXPECT_EQ(*PublicKeyFromPem(PublicKeyPem(key.public_key())), key.public_key());
  EXPECT_FALSE(SigningKey::FromPem(PublicKeyPem(key.public_key())).ok());
  EXPECT_FALSE(SigningKey::FromPem("no key").ok());
  EXPECT_FALSE(PublicKeyFromPem("").ok());
}

TEST(SigningKeyTest, MacsAsTheStandardHasIt) {
  Digest secret{};
  std::fill_n(secret.begin(), 20, uint8_t{0x0b});  // the first test of RFC 4231; keys are padded with zeros
  EXPECT_EQ(HexOf(BytesOf(Hmac(secret, "Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST(SignedNote, IsOpenedByItsKeyAndByNoOther) {
  const SigningKey key = KnownKey();
  const std::string note = SignNote("first\nsecond\n", "a/log", key);
  EXPECT_EQ(*OpenNote(note, {"a/log", key.public_key()}), "first\nsecond\n");
  EXPECT_EQ(*OpenNote(note, {"", key.public_key()}), "first\nsecond\n");
  EXPECT_FALSE(OpenNote(note, {"another", key.public_key()}).ok());
  EXPECT_FALSE(OpenNote(note, {"a/log", SigningKey::Make().public_key()}).ok());
  for (size_t at = 0; at < note.size(); ++at) {
    std::string changed = note;
    changed[at] ^= 1;
    EXPECT_FALSE(OpenNote(changed, {"a/log", key.public_key()}).ok()) << at;
    EXPECT_FALSE(OpenNote(note.substr(0, at), {"a/log", key.public_key()}).ok()) << at;
  }
}

TEST(SignedNote, OtherSignaturesBesideOursDoNotMatter) {
  const SigningKey key = KnownKey(), witness = SigningKey::Make();
  const std::string note = SignNote("text\n", "a/log", key);
  const std::string beside = SignNote("text\n", "a/witness", witness).substr(sizeof("text\n"));
  EXPECT_EQ(*OpenNote(note + beside, {"a/log", key.public_key()}), "text\n");
  EXPECT_EQ(*OpenNote(note + beside, {"a/witness", witness.public_key()}), "text\n");
}

TEST(SignedNote, VerifiersAreReadBack) {
  const NoteVerifier verifier{"lineal/default/x", KnownKey().public_key()};
  const std::string text = VerifierText(verifier);
  EXPECT_EQ(ParseVerifier(text)->name, verifier.name);
  EXPECT_EQ(ParseVerifier(text + "\n")->key, verifier.key);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] ^= 1;
    EXPECT_FALSE(ParseVerifier(changed).ok()) << changed;
  }
  EXPECT_FALSE(ParseVerifier("").ok());
  // In base64 a key may have a plus of its own.
  for (int i = 0; i < 50; ++i) {
    const NoteVerifier other{"a", SigningKey::Make().public_key()};
    EXPECT_EQ(ParseVerifier(VerifierText(other))->key, other.key);
  }
}

TEST(Checkpoint, HasALineEachForNameSizeRootAndTime) {
  AuditCheckpoint checkpoint{"a/log", 12, {}, 1'700'000'000'123};
  checkpoint.root.fill(0xff);
  const std::string text = CheckpointText(checkpoint);
  EXPECT_EQ(text, "a/log\n12\n//////////////////////////////////////////8=\ntime 1700000000123\n");
  const auto read = ParseCheckpoint(text);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(CheckpointText(*read), text);
  for (const char* bad : {"", "a/log\n", "a/log\n12\n", "a/log\n012\n//////////////////////////////////////////8=\n",
                          "a/log\n12\n////\n", "\n12\n//////////////////////////////////////////8=\n",
                          "a/log\n12\n//////////////////////////////////////////8=\ntime x\n"}) {
    EXPECT_EQ(ParseCheckpoint(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace lineal::engine
