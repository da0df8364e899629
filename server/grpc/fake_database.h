// A database in memory for the door's tests: keeps points, answers searches exactly by dot product, remembers what it
// was asked, and can be told to fail or to wait.
//
// Threads: any.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/api/unimplemented_database.h"

namespace lineal::server {

class FakeCollection final : public engine::UnimplementedCollection {
 public:
  explicit FakeCollection(engine::CollectionSchema schema) { info_.schema = std::move(schema); }

  // Called before anything else of a write or search, without a lock; its error is the answer.
  std::function<absl::Status(const Deadline&)> before;

  absl::StatusOr<engine::WriteResult> Write(engine::WriteRequest request) override {
    if (before) LINEAL_RETURN_IF_ERROR(before(request.deadline));
    std::lock_guard lock(mutex_);
    for (engine::WriteOp& op : request.ops) Apply(op);
    ++seq_;
    last_write_ = std::move(request);
    return engine::WriteResult{seq_, {{0, Seq{seq_}}}};
  }

  absl::StatusOr<std::vector<engine::ScoredPoint>> Search(const engine::SearchRequest& request) override {
    if (before) LINEAL_RETURN_IF_ERROR(before(request.read.deadline));
    std::lock_guard lock(mutex_);
    last_search_ = request;
    if (request.explain != nullptr) {
      request.explain->recall_target = request.recall_target;
      request.explain->segments.push_back(
          {.segment = "1-1", .plan = "scan_all", .reason = "it is a fake", .rescored = 3});
      request.explain->advice.push_back("less");
    }
    std::vector<engine::ScoredPoint> hits;
    const auto* query = std::get_if<std::vector<float>>(&request.query);
    for (const auto& [id, point] : points_) {
      engine::ScoredPoint hit{Record(point, request.with_payload, request.with_vector), 0};
      if (query != nullptr) hit.score = Dot(*query, point.vectors[0].values);
      hits.push_back(std::move(hit));
    }
    std::ranges::stable_sort(hits, std::greater<>(), &engine::ScoredPoint::score);
    if (hits.size() > request.limit) hits.resize(request.limit);
    return hits;
  }

  absl::StatusOr<std::vector<engine::PointRecord>> Retrieve(const engine::RetrieveRequest& request) override {
    std::lock_guard lock(mutex_);
    std::vector<engine::PointRecord> records;
    for (const PointId& id : request.ids) {
      if (auto found = points_.find(id); found != points_.end()) {
        records.push_back(Record(found->second, request.with_payload, request.with_vector));
      }
    }
    return records;
  }

  absl::StatusOr<engine::ScrollPage> Scroll(const engine::ScrollRequest& request) override {
    std::lock_guard lock(mutex_);
    engine::ScrollPage page;
    for (auto at = points_.lower_bound(request.offset.value_or(PointId())); at != points_.end(); ++at) {
      if (page.points.size() == request.limit) {
        page.next_offset = at->first;
        break;
      }
      page.points.push_back(Record(at->second, request.with_payload, request.with_vector));
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
    engine::CollectionInfo info = info_;
    info.points = points_.size();
    return info;
  }

  void Change(const engine::SchemaChange& change) {
    std::lock_guard lock(mutex_);
    for (const auto& [key, field] : change.add_fields) info_.schema.fields[key] = field;
    for (const std::string& key : change.drop_fields) info_.schema.fields.erase(key);
    if (change.hnsw) info_.schema.hnsw = *change.hnsw;
    if (change.search) info_.schema.search = *change.search;
  }
  engine::WriteRequest last_write() {
    std::lock_guard lock(mutex_);
    return last_write_;
  }
  engine::SearchRequest last_search() {
    std::lock_guard lock(mutex_);
    return last_search_;
  }

 private:
  static float Dot(const std::vector<float>& a, const std::vector<float>& b) {
    float sum = 0;
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += a[i] * b[i];
    return sum;
  }
  static engine::PointRecord Record(const engine::PointInput& point, const engine::PayloadSelector& payload,
                                    const engine::VectorSelector& vector) {
    engine::PointRecord record;
    record.id = point.id;
    if (payload.mode != engine::PayloadSelector::Mode::kNone) record.payload = point.payload;
    if (vector.mode != engine::VectorSelector::Mode::kNone) record.vectors = point.vectors;
    return record;
  }
  void Apply(const engine::WriteOp& op) {
    if (const auto* upsert = std::get_if<engine::UpsertPoints>(&op)) {
      for (const engine::PointInput& point : upsert->points) points_[point.id] = point;
    } else if (const auto* erase = std::get_if<engine::DeletePoints>(&op)) {
      if (const auto* ids = std::get_if<std::vector<PointId>>(&erase->points)) {
        for (const PointId& id : *ids) points_.erase(id);
      }
    }
  }

  std::mutex mutex_;
  engine::CollectionInfo info_;
  std::map<PointId, engine::PointInput> points_;
  uint64_t seq_ = 0;
  engine::WriteRequest last_write_;
  engine::SearchRequest last_search_;
};

class FakeDatabase final : public engine::UnimplementedDatabase {
 public:
  void SetReady(absl::Status ready) {
    std::lock_guard lock(ready_mutex_);
    ready_ = std::move(ready);
  }

  absl::Status CreateCollection(const std::string& name, const engine::CollectionSchema& schema) override {
    std::lock_guard lock(mutex_);
    if (collections_.contains(name)) return AlreadyExists("Collection `", name, "` already exists!");
    collections_[name] = std::make_shared<FakeCollection>(schema);
    return absl::OkStatus();
  }
  absl::StatusOr<bool> DropCollection(const std::string& name) override {
    std::lock_guard lock(mutex_);
    return collections_.erase(name) != 0;
  }
  absl::Status AlterCollection(const std::string& name, const engine::SchemaChange& change) override {
    LINEAL_ASSIGN_OR_RETURN(auto collection, GetCollection(name));
    static_cast<FakeCollection&>(*collection).Change(change);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::string>> ListCollections() override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, collection] : collections_) names.push_back(name);
    return names;
  }
  absl::StatusOr<std::shared_ptr<engine::Collection>> GetCollection(const std::string& name) override {
    std::lock_guard lock(mutex_);
    auto found = collections_.find(name);
    if (found == collections_.end()) return NotFound("Collection `", name, "` doesn't exist!");
    return std::shared_ptr<engine::Collection>(found->second);
  }
  absl::Status ChangeAliases(const std::vector<engine::AliasChange>& changes, const std::string&) override {
    std::lock_guard lock(mutex_);
    for (const engine::AliasChange& change : changes) {
      if (const auto* create = std::get_if<engine::CreateAlias>(&change))
        aliases_[create->alias] = create->target.collection;
      if (const auto* drop = std::get_if<engine::DeleteAlias>(&change)) aliases_.erase(drop->alias);
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
  absl::Status BackupCollection(const std::string&, const std::string&) override { return absl::OkStatus(); }
  absl::Status RestoreCollection(const std::string&, const std::string&) override { return absl::OkStatus(); }
  absl::Status Ready() override {
    std::lock_guard lock(ready_mutex_);
    return ready_;
  }

  // The collection is there.
  FakeCollection& collection(const std::string& name) { return static_cast<FakeCollection&>(**GetCollection(name)); }

 private:
  std::mutex mutex_;
  std::mutex ready_mutex_;
  absl::Status ready_;
  std::map<std::string, std::shared_ptr<FakeCollection>> collections_;
  std::map<std::string, std::string> aliases_;
};

}  // namespace lineal::server
