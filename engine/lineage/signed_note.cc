#include "engine/lineage/signed_note.h"

#include "base/base64.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr char kEd25519 = 1;
constexpr size_t kIdBytes = 4;
constexpr std::string_view kDash = "— ";

std::string_view KeyBytes(const PublicKey& key) { return {reinterpret_cast<const char*>(key.data()), key.size()}; }

}  // namespace

std::string KeyIdOf(const NoteVerifier& verifier) {
  const Digest digest = Sha256(StrCat(verifier.name, '\n', kEd25519), KeyBytes(verifier.key));
  return std::string(BytesOf(digest).substr(0, kIdBytes));
}

std::string VerifierText(const NoteVerifier& verifier) {
  return StrCat(verifier.name, "+", HexOf(KeyIdOf(verifier)), "+", Base64(StrCat(kEd25519, KeyBytes(verifier.key))));
}

absl::StatusOr<NoteVerifier> ParseVerifier(std::string_view text) {
  const absl::Status bad = InvalidArgument("a verifier's key has the form NAME+ID+KEY");
  while (text.ends_with('\n')) text.remove_suffix(1);
  const size_t first = text.find('+');
  const size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return bad;
  const auto bytes = FromBase64(text.substr(second + 1));
  NoteVerifier out;
  out.name = std::string(text.substr(0, first));
  if (!bytes || bytes->size() != 1 + out.key.size() || bytes->front() != kEd25519) return bad;
  std::copy(bytes->begin() + 1, bytes->end(), out.key.begin());
  if (HexOf(KeyIdOf(out)) != text.substr(first + 1, second - first - 1)) {
    return InvalidArgument("the id of a verifier's key is not that of its name and key");
  }
  return out;
}

std::string SignNote(std::string_view text, const std::string& name, const SigningKey& key) {
  const std::string id = KeyIdOf({name, key.public_key()});
  return StrCat(text, "\n", kDash, name, " ", Base64(StrCat(id, key.Sign(text))), "\n");
}

absl::StatusOr<std::string> OpenNote(std::string_view note, const NoteVerifier& verifier) {
  const size_t end = note.rfind("\n\n");
  if (end == std::string_view::npos || !note.ends_with('\n')) {
    return InvalidArgument("this is no signed note: it has no empty line with signatures under it");
  }
  const std::string_view text = note.substr(0, end + 1);
  bool named = false;
  for (std::string_view rest = note.substr(end + 2); !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    const size_t space = line.rfind(' ');
    if (!line.starts_with(kDash) || space < kDash.size())
      return InvalidArgument("a line under the note is no signature");
    const std::string name(line.substr(kDash.size(), space - kDash.size()));
    if (!verifier.name.empty() && name != verifier.name) continue;
    const auto bytes = FromBase64(line.substr(space + 1));
    if (!bytes || bytes->size() != kIdBytes + kSignatureBytes) continue;
    if (!bytes->starts_with(KeyIdOf({name, verifier.key}))) continue;
    named = true;
    if (VerifySignature(verifier.key, text, std::string_view(*bytes).substr(kIdBytes))) return std::string(text);
  }
  if (named) return DataLoss("the signature is not of this text: the note was changed");
  return DataLoss("the note has no signature by the key ", VerifierText(verifier));
}

}  // namespace lineal::engine
