// A database in memory for tests of the door: keeps points without searching them by distance, records what it was
// asked, and answers with a status that a test set.
//
// Threads: any.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/temporary_directory.h"
#include "engine/api/unimplemented_database.h"
#include "engine/lineage/local_lineage.h"
#include "storage/meta/memory_meta_store.h"

namespace lineal::server {

class FakeCollection final : public engine::UnimplementedCollection {
 public:
  explicit FakeCollection(engine::CollectionSchema schema) : schema_(std::move(schema)) {}

  absl::StatusOr<engine::WriteResult> Write(engine::WriteRequest request) override {
    std::lock_guard lock(mutex_);
    if (!answer_.ok()) return answer_;
    for (const auto& op : request.ops) {
      if (auto* upsert = std::get_if<engine::UpsertPoints>(&op)) {
        for (const auto& point : upsert->points) points_[point.id] = point;
      } else if (auto* erase = std::get_if<engine::DeletePoints>(&op)) {
        if (auto* ids = std::get_if<std::vector<PointId>>(&erase->points)) {
          for (const PointId& id : *ids) points_.erase(id);
        }
      }
    }
    last_write_ = std::move(request);
    engine::WriteResult result;
    result.operation_id = ++seq_;
    return result;
  }
  absl::StatusOr<std::vector<engine::ScoredPoint>> Search(const engine::SearchRequest& request) override {
    LINEAL_RETURN_IF_ERROR(MaybeBlock(request.read.deadline));
    std::lock_guard lock(mutex_);
    last_search_ = request;
    if (request.explain != nullptr) {
      request.explain->recall_target = request.recall_target;
      request.explain->segments.push_back(
          {.segment = "1-1", .plan = "scan_all", .reason = "it is a fake", .rescored = 3});
      request.explain->advice.push_back("less");
    }
    std::vector<engine::ScoredPoint> out;
    for (const auto& [id, point] : points_) {
      if (out.size() >= request.limit) break;
      out.push_back({RecordOf(point, request.with_payload, request.with_vector), 0.5f});
    }
    return out;
  }
  absl::StatusOr<std::vector<engine::PointRecord>> Retrieve(const engine::RetrieveRequest& request) override {
    std::lock_guard lock(mutex_);
    if (!answer_.ok()) return answer_;
    last_read_ = request.read;
    std::vector<engine::PointRecord> out;
    for (const PointId& id : request.ids) {
      auto found = points_.find(id);
      if (found != points_.end()) out.push_back(RecordOf(found->second, request.with_payload, request.with_vector));
    }
    return out;
  }
  absl::StatusOr<engine::ScrollPage> Scroll(const engine::ScrollRequest& request) override {
    std::lock_guard lock(mutex_);
    engine::ScrollPage page;
    for (const auto& [id, point] : points_) {
      if (request.offset && id < *request.offset) continue;
      if (page.points.size() >= request.limit) {
        page.next_offset = id;
        break;
      }
      page.points.push_back(RecordOf(point, request.with_payload, request.with_vector));
    }
    return page;
  }
  absl::StatusOr<uint64_t> Count(const engine::CountRequest&) override {
    std::lock_guard lock(mutex_);
    return points_.size();
  }
  absl::StatusOr<engine::CollectionMemory> Memory() override {
    return engine::CollectionMemory{.held = {{"1-2", "codes", 700}, {"1-3", "graph", 50}},
                                    .mapped = {{"1-2", "vectors", 4'000, 1'000}}};
  }
  absl::StatusOr<engine::CollectionInfo> Info() override {
    std::lock_guard lock(mutex_);
    engine::CollectionInfo info;
    info.schema = schema_;
    info.points = points_.size();
    info.seqs = {Seq{seq_}};
    return info;
  }

  void Alter(const engine::SchemaChange& change) {
    std::lock_guard lock(mutex_);
    if (change.hnsw) schema_.hnsw = *change.hnsw;
    if (change.optimizer) schema_.optimizer = *change.optimizer;
    if (change.search) schema_.search = *change.search;
    if (change.metadata) schema_.metadata = *change.metadata;
    if (change.raw_config) schema_.raw_config = *change.raw_config;
    for (const auto& [name, vector] : change.add_vectors) schema_.vectors[name] = vector;
    for (const auto& name : change.drop_vectors) schema_.vectors.erase(name);
    for (const auto& [key, field] : change.add_fields) schema_.fields[key] = field;
    for (const auto& key : change.drop_fields) schema_.fields.erase(key);
  }

  // What writes and retrieves answer from now on.
  void AnswerWith(absl::Status status) {
    std::lock_guard lock(mutex_);
    answer_ = std::move(status);
  }
  // Searches wait until Release(), or until their deadline is cancelled.
  void Block() {
    std::lock_guard lock(mutex_);
    blocked_ = true;
  }
  void Release() {
    std::lock_guard lock(mutex_);
    blocked_ = false;
    changed_.notify_all();
  }
  void AwaitSearches(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  void AwaitCancelled() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return cancelled_ > 0; });
  }

  engine::WriteRequest last_write() {
    std::lock_guard lock(mutex_);
    return last_write_;
  }
  engine::SearchRequest last_search() {
    std::lock_guard lock(mutex_);
    return last_search_;
  }
  engine::ReadOptions last_read() {
    std::lock_guard lock(mutex_);
    return last_read_;
  }

 private:
  absl::Status MaybeBlock(const Deadline& deadline) {
    std::unique_lock lock(mutex_);
    if (!blocked_) return absl::OkStatus();
    ++waiting_;
    changed_.notify_all();
    while (blocked_ && !deadline.Expired()) changed_.wait_for(lock, std::chrono::milliseconds(2));
    --waiting_;
    if (deadline.Expired()) {
      ++cancelled_;
      changed_.notify_all();
    }
    return deadline.Check();
  }
  static engine::PointRecord RecordOf(const engine::PointInput& point, const engine::PayloadSelector& payload,
                                      const engine::VectorSelector& vector) {
    engine::PointRecord record;
    record.id = point.id;
    record.version = 1;
    if (payload.mode != engine::PayloadSelector::Mode::kNone) record.payload = point.payload;
    if (vector.mode != engine::VectorSelector::Mode::kNone) record.vectors = point.vectors;
    return record;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool blocked_ = false;
  int waiting_ = 0;
  int cancelled_ = 0;
  absl::Status answer_;
  engine::CollectionSchema schema_;
  std::map<PointId, engine::PointInput> points_;
  uint64_t seq_ = 0;
  engine::WriteRequest last_write_;
  engine::SearchRequest last_search_;
  engine::ReadOptions last_read_;
};

class FakeDatabase final : public engine::UnimplementedDatabase {
 public:
  absl::Status CreateCollection(const std::string& name, const engine::CollectionSchema& schema) override {
    LINEAL_RETURN_IF_ERROR(engine::ValidateSchema(schema));
    std::lock_guard lock(mutex_);
    if (collections_.contains(name)) return AlreadyExists("Collection `", name, "` already exists!");
    collections_[name] = std::make_shared<FakeCollection>(schema);
    return absl::OkStatus();
  }
  absl::StatusOr<bool> DropCollection(const std::string& name) override {
    std::lock_guard lock(mutex_);
    return collections_.erase(name) > 0;
  }
  absl::Status AlterCollection(const std::string& name, const engine::SchemaChange& change) override {
    LINEAL_ASSIGN_OR_RETURN(auto collection, Get(name));
    collection->Alter(change);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::string>> ListCollections() override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [name, collection] : collections_) out.push_back(name);
    return out;
  }
  absl::StatusOr<std::shared_ptr<engine::Collection>> GetCollection(const std::string& name) override {
    LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<engine::Collection> collection, Get(name));
    return collection;
  }
  absl::StatusOr<std::shared_ptr<FakeCollection>> Get(const std::string& name) {
    std::lock_guard lock(mutex_);
    auto alias = aliases_.find(name);
    auto found = collections_.find(alias == aliases_.end() ? name : alias->second);
    if (found == collections_.end()) return NotFound("Collection `", name, "` doesn't exist!");
    return found->second;
  }
  absl::Status ChangeAliases(const std::vector<engine::AliasChange>& changes, const std::string&) override {
    std::lock_guard lock(mutex_);
    for (const auto& change : changes) {
      if (auto* create = std::get_if<engine::CreateAlias>(&change)) aliases_[create->alias] = create->target.collection;
      if (auto* drop = std::get_if<engine::DeleteAlias>(&change)) aliases_.erase(drop->alias);
      if (auto* rename = std::get_if<engine::RenameAlias>(&change)) {
        aliases_[rename->to] = aliases_[rename->from];
        aliases_.erase(rename->from);
      }
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<engine::Alias>> ListAliases() override {
    std::lock_guard lock(mutex_);
    std::vector<engine::Alias> out;
    for (const auto& [name, collection] : aliases_) out.push_back({name, {collection, "", ""}});
    return out;
  }
  std::vector<engine::OptimizerTask> Tasks() override { return {}; }
  absl::StatusOr<engine::Lineage*> lineage() override { return &lineage_; }
  // What lineage keeps.
  storage::MemoryMetaStore& meta() { return meta_; }

 private:
  FakeClock clock_;
  storage::MemoryMetaStore meta_;
  const TemporaryDirectory directory_;
  engine::LocalLineage lineage_{&meta_, &clock_, {PosixFileSystem(), directory_.Sub("audit.key")}};
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<FakeCollection>> collections_;
  std::map<std::string, std::string> aliases_;
};

}  // namespace lineal::server
