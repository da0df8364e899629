// Erasures: from the request to the receipt, and on after a crash.
#include "base/log.h"
#include "base/status.h"
#include "base/uuid.h"
#include "engine/database/erasure_records.h"
#include "engine/database/local_database.h"

namespace lineal::engine {
namespace {

const char* KindOf(const ErasureSelector& selector) {
  if (selector.source) return "source";
  if (selector.document) return "document";
  return selector.filter ? "filter" : "subject";
}

}  // namespace

std::vector<std::shared_ptr<LocalCollection>> LocalDatabase::Collections() {
  std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<LocalCollection>> all;
  for (const auto& [name, collection] : collections_) all.push_back(collection);
  return all;
}

absl::StatusOr<Erasure> LocalDatabase::Erase(const ErasureRequest& request) {
  LINEAL_RETURN_IF_ERROR(ValidateSelector(request.selector));
  if (request.reason.size() > kErasureReasonMax) {
    return InvalidArgument("reason has ", request.reason.size(), " bytes, the limit is ", kErasureReasonMax);
  }
  std::lock_guard erasing(erasure_mutex_);
  if (stopping_) return Unavailable("the database is stopping");
  LINEAL_ASSIGN_OR_RETURN(const std::shared_ptr<LocalCollection> collection, Find(request.selector.collection));
  Erasure erasure;
  erasure.collection = collection->name();
  erasure.selected_by = KindOf(request.selector);
  erasure.reason = request.reason;
  erasure.principal = request.principal;
  erasure.created_ms = options_.clock->WallMs();
  if (request.dry_run) {
    LINEAL_RETURN_IF_ERROR(collection->FindErased(request.selector, &erasure).status());
    LINEAL_ASSIGN_OR_RETURN(erasure.backups, BackupsOf(meta_.get(), erasure.collection));
    return erasure;
  }
  ResumeErasures();
  erasure.id = NewUuid(erasure.created_ms);
  bool begun = false;
  absl::Status status = collection->BeginErasure(request.selector, erasure.id, &erasure, [&] {
    erasure.state = ErasureState::kRunning;
    const absl::Status committed =
        lineage_->log().Commit({ErasureEntry("erasure.begin", erasure)}, {ErasureChange(erasure)});
    begun = committed.ok();
    return committed;
  });
  if (!begun) return status;
  if (status.ok()) status = FinishErasure(&erasure);
  if (!status.ok()) erasure.problem = std::string(MessageOf(status));
  return erasure;
}

absl::Status LocalDatabase::FinishErasure(Erasure* erasure) {
  const absl::StatusOr<std::shared_ptr<LocalCollection>> collection = Find(erasure->collection);
  // One that was dropped meanwhile has left the disk with all its files.
  if (collection.ok()) LINEAL_RETURN_IF_ERROR((*collection)->FinishErasure(erasure->id, stopping_));
  if (!collection.ok() && !absl::IsNotFound(collection.status())) return collection.status();
  LINEAL_RETURN_IF_ERROR(ReleaseWholeLog());
  LINEAL_ASSIGN_OR_RETURN(erasure->backups, BackupsOf(meta_.get(), erasure->collection));
  Erasure done = *erasure;
  done.state = ErasureState::kDone;
  done.done_ms = options_.clock->WallMs();
  done.places = ReceiptOf(done, done.done_ms);
  LINEAL_RETURN_IF_ERROR(lineage_->log().Commit({ErasureEntry("erasure.done", done)}, {ErasureChange(done)}));
  *erasure = std::move(done);
  return absl::OkStatus();
}

absl::Status LocalDatabase::ReleaseWholeLog() {
  LINEAL_ASSIGN_OR_RETURN(const uint64_t number, log_->Cut());
  for (const auto& collection : Collections()) LINEAL_RETURN_IF_ERROR(collection->FlushIfOpen());
  LINEAL_RETURN_IF_ERROR(meta_->Flush());
  LINEAL_ASSIGN_OR_RETURN(const bool gone, log_->LetGo(number));
  return gone ? absl::OkStatus() : Unavailable("the change log still holds entries of before the erasure");
}

void LocalDatabase::ResumeErasures() {
  absl::StatusOr<std::vector<Erasure>> erasures = ListErasures(UINT64_MAX);
  if (!erasures.ok()) {
    Log(LogLevel::kError, "erasures cannot be read", {{"error", std::string(MessageOf(erasures.status()))}});
    return;
  }
  for (Erasure& erasure : *erasures) {
    if (erasure.state != ErasureState::kRunning) continue;
    if (const absl::Status finished = FinishErasure(&erasure); !finished.ok()) {
      Log(LogLevel::kError, "an erasure is not done and will be gone on with",
          {{"erasure", erasure.id}, {"error", std::string(MessageOf(finished))}});
    }
  }
}

absl::StatusOr<std::vector<Erasure>> LocalDatabase::ListErasures(uint64_t limit) {
  std::vector<std::pair<std::string, std::string>> records;
  const std::string prefix = ErasurePrefix();
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view bytes) {
    records.emplace_back(key.substr(prefix.size()), bytes);
  }));
  std::vector<Erasure> erasures;
  for (auto at = records.rbegin(); at != records.rend() && erasures.size() < limit; ++at) {
    LINEAL_ASSIGN_OR_RETURN(Erasure erasure, DecodeErasure(at->first, at->second));
    erasures.push_back(std::move(erasure));
  }
  return erasures;
}

absl::StatusOr<Erasure> LocalDatabase::FindErasure(const std::string& id) {
  const auto uuid = PointId::ParseUuid(id);
  const std::string name = uuid ? uuid->ToString() : "";
  std::optional<std::string> bytes;
  if (uuid) {
    LINEAL_ASSIGN_OR_RETURN(bytes, meta_->Get(ErasurePrefix() + name));
  }
  if (!bytes) return NotFound("No erasure with id ", id.substr(0, 64), " found");
  return DecodeErasure(name, *bytes);
}

}  // namespace lineal::engine
