// Text with a signature under it, in the shape of C2SP's signed notes: lines, an empty line, and a line "— NAME BASE64"
// whose bytes are the key's id and an Ed25519 signature of the lines.
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/lineage/signing_key.h"

namespace lineal::engine {

struct NoteVerifier {
  std::string name;
  PublicKey key{};
};

// The first four bytes of a digest of the key's name and its bytes.
std::string KeyIdOf(const NoteVerifier& verifier);
// "NAME+ID+KEY", and back. INVALID_ARGUMENT for another form, and for an id that is not the key's.
std::string VerifierText(const NoteVerifier& verifier);
absl::StatusOr<NoteVerifier> ParseVerifier(std::string_view text);

// `text` ends with a line's end and has no empty line.
std::string SignNote(std::string_view text, const std::string& name, const SigningKey& key);
// The text of a note that the key has signed. INVALID_ARGUMENT for what is no note; DATA_LOSS for a signature that does
// not fit. A name that is empty is not compared.
absl::StatusOr<std::string> OpenNote(std::string_view note, const NoteVerifier& verifier);

}  // namespace lineal::engine
