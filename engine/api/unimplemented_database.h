// What test doubles of the database begin from: everything answers UNIMPLEMENTED until it is overridden.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/api/database.h"

namespace lineal::engine {

class UnimplementedCollection : public Collection {
 public:
  absl::StatusOr<WriteResult> Write(WriteRequest) override { return Nothing(); }
  absl::StatusOr<std::vector<ScoredPoint>> Search(const SearchRequest&) override { return Nothing(); }
  absl::StatusOr<std::vector<PointRecord>> Retrieve(const RetrieveRequest&) override { return Nothing(); }
  absl::StatusOr<ScrollPage> Scroll(const ScrollRequest&) override { return Nothing(); }
  absl::StatusOr<uint64_t> Count(const CountRequest&) override { return Nothing(); }
  absl::StatusOr<std::vector<PointOrigin>> Provenance(const ProvenanceRequest&) override { return Nothing(); }
  absl::StatusOr<OriginPage> PointsOf(const OriginPageRequest&) override { return Nothing(); }
  absl::StatusOr<std::vector<ContextCount>> CountByContext() override { return Nothing(); }
  absl::StatusOr<Revision> MakeRevision(const std::string&, const std::string&) override { return Nothing(); }
  absl::StatusOr<std::vector<Revision>> Revisions(uint64_t) override { return Nothing(); }
  absl::StatusOr<Revision> Tag(const std::string&, uint64_t, const std::string&) override { return Nothing(); }
  absl::StatusOr<bool> Untag(const std::string&, const std::string&) override { return Nothing(); }
  absl::StatusOr<RevisionDiff> Diff(const DiffRequest&) override { return Nothing(); }
  absl::StatusOr<RollbackResult> Rollback(const RollbackRequest&) override { return Nothing(); }
  absl::StatusOr<CollectionInfo> Info() override { return Nothing(); }
  absl::StatusOr<CollectionMemory> Memory() override { return Nothing(); }

 private:
  static absl::Status Nothing() { return absl::UnimplementedError("a test double does not do this"); }
};

class UnimplementedDatabase : public Database {
 public:
  absl::Status CreateCollection(const std::string&, const CollectionSchema&) override { return Nothing(); }
  absl::StatusOr<bool> DropCollection(const std::string&) override { return Nothing(); }
  absl::Status AlterCollection(const std::string&, const SchemaChange&) override { return Nothing(); }
  absl::StatusOr<std::vector<std::string>> ListCollections() override { return Nothing(); }
  absl::StatusOr<std::shared_ptr<Collection>> GetCollection(const std::string&) override { return Nothing(); }
  absl::Status ChangeAliases(const std::vector<AliasChange>&, const std::string&) override { return Nothing(); }
  absl::StatusOr<std::vector<Alias>> ListAliases() override { return Nothing(); }
  absl::StatusOr<std::vector<AliasMove>> AliasMoves(const std::string&) override { return Nothing(); }
  absl::StatusOr<Lineage*> lineage() override { return Nothing(); }
  std::vector<OptimizerTask> Tasks() override { return {}; }
  const MemoryLedger& memory() override { return ledger_; }
  absl::Status BackupCollection(const std::string&, const std::string&) override { return Nothing(); }
  absl::Status RestoreCollection(const std::string&, const std::string&) override { return Nothing(); }
  absl::StatusOr<Erasure> Erase(const ErasureRequest&) override { return Nothing(); }
  absl::StatusOr<std::vector<Erasure>> ListErasures(uint64_t) override { return Nothing(); }
  absl::StatusOr<Erasure> FindErasure(const std::string&) override { return Nothing(); }
  absl::Status Ready() override { return absl::OkStatus(); }
  void Stop() override {}

 protected:
  MemoryLedger ledger_;

 private:
  static absl::Status Nothing() { return absl::UnimplementedError("a test double does not do this"); }
};

}  // namespace lineal::engine
