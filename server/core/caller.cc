#include "server/core/caller.h"

#include "base/status.h"

namespace lineal::server {

absl::StatusOr<engine::SpaceClaim> ClaimOf(const Caller& caller) {
  engine::SpaceClaim claim;
  if (caller.space.empty()) {
    claim.space = caller.key_space;
    claim.inherited = true;
    return claim;
  }
  const size_t end = caller.space.find(';');
  claim.space = caller.space.substr(0, end);
  if (end == std::string::npos) return claim;
  std::string_view role = std::string_view(caller.space).substr(end + 1);
  while (!role.empty() && role.front() == ' ') role.remove_prefix(1);
  if (role == "role=document") {
    claim.role = engine::SpaceClaim::Role::kDocument;
  } else if (role == "role=query") {
    claim.role = engine::SpaceClaim::Role::kQuery;
  } else {
    return InvalidArgument("Lineal-Space: `", role.substr(0, 64), "` is not `role=document` or `role=query`");
  }
  return claim;
}

absl::Status Attribute(const Caller& caller, engine::Database* database, engine::WriteRequest* request) {
  if (!caller.session.empty()) {
    LINEAL_ASSIGN_OR_RETURN(engine::Lineage * lineage, database->lineage());
    LINEAL_ASSIGN_OR_RETURN(request->context, lineage->ContextOf(caller.session));
  }
  LINEAL_ASSIGN_OR_RETURN(request->claim, ClaimOf(caller));
  // A session says what it writes; a key says it of those who say nothing.
  if (request->claim.inherited && !request->context.space.empty()) request->claim.space.clear();
  request->principal = caller.principal;
  if (!caller.principal.empty()) request->context.principal = caller.principal;
  return absl::OkStatus();
}

}  // namespace lineal::server
