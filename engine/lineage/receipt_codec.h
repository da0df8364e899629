// Receipts as bytes: what was answered, and a signature over it.
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "engine/api/receipt.h"
#include "engine/lineage/signing_key.h"

namespace lineal::engine {

std::string SignReceipt(const Receipt& receipt, const SigningKey& key);
// INVALID_ARGUMENT for what is no receipt, DATA_LOSS for one of another key and for one that was changed.
absl::StatusOr<Receipt> OpenReceipt(std::string_view bytes, const PublicKey& key);

// What the question was, without its answer: under a key that only the signer has.
Digest QueryDigest(const SearchRequest& request, const SigningKey& key);
std::optional<Digest> FilterDigest(const Filter& filter, const SigningKey& key);

}  // namespace lineal::engine
