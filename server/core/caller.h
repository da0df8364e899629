// Who makes a request and what it says of its vectors, as both doors read it: from a key, a session and a header.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/api/database.h"

namespace lineal::server {

struct Caller {
  std::string principal;  // the name of the key; empty when no key is needed
  std::string key_space;  // what vectors are of that the key's holder sends
  std::string session;    // of the ingest session that writes are part of
  std::string space;      // what the request itself says: "SPACE" or "SPACE;role=query"
};

// INVALID_ARGUMENT for a role that is none.
absl::StatusOr<engine::SpaceClaim> ClaimOf(const Caller& caller);
// Gives a write its context, its principal and its claim.
absl::Status Attribute(const Caller& caller, engine::Database* database, engine::WriteRequest* request);

}  // namespace lineal::server
