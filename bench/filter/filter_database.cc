#include "bench/filter/filter_database.h"

#include <chrono>
#include <thread>

#include "base/clock.h"
#include "base/status.h"
#include "bench/sets/progress_line.h"
#include "engine/database/open_database.h"

namespace lineal::bench {
namespace {

constexpr char kCollection[] = "bench";
constexpr size_t kRowsAWrite = 1'000;
constexpr auto kBetweenLooks = std::chrono::milliseconds(200);

double SecondsSince(int64_t start_ns) { return static_cast<double>(SystemClock()->MonotonicNs() - start_ns) * 1e-9; }

engine::Metric MetricOf(index::Distance distance) {
  return distance == index::Distance::kL2    ? engine::Metric::kEuclid
         : distance == index::Distance::kDot ? engine::Metric::kDot
                                             : engine::Metric::kCosine;
}

engine::CollectionSchema SchemaFor(const DataSet& data, const FilterPlan& plan, const DatabaseSettings& settings) {
  engine::CollectionSchema schema;
  schema.vectors[""] =
      engine::VectorSchema{.dim = static_cast<uint32_t>(data.base.dim), .metric = MetricOf(data.distance)};
  for (const std::string& field : plan.fields) schema.fields[field] = {.type = engine::FieldType::kInteger};
  if (!plan.tenants.empty()) {
    schema.fields[FilterPlan::kTenantField] = {.type = engine::FieldType::kKeyword, .is_tenant = true};
  }
  schema.hnsw.m = settings.m;
  schema.hnsw.ef_construct = settings.ef_construct;
  if (settings.graph_kb) {
    schema.hnsw.full_scan_threshold_kb = *settings.graph_kb;
    schema.optimizer.indexing_threshold_kb = *settings.graph_kb;
  }
  return schema;
}

engine::PointInput PointOf(const DataSet& data, const FilterPlan& plan, size_t row) {
  engine::Value::Object payload;
  for (size_t field = 0; field < plan.fields.size(); ++field) {
    payload.emplace_back(plan.fields[field], engine::Value(static_cast<int64_t>(plan.numbers[field][row])));
  }
  engine::Value::Array tenants;
  for (double share : plan.tenants) {
    if (plan.Owns(share, row)) tenants.emplace_back(FilterPlan::TenantOf(share));
  }
  if (!tenants.empty()) payload.emplace_back(FilterPlan::kTenantField, engine::Value(std::move(tenants)));
  const float* vector = data.base.row(row);
  return {PointId::Number(row),
          {{"", std::vector<float>(vector, vector + data.base.dim)}},
          engine::Value(std::move(payload))};
}

}  // namespace

absl::StatusOr<std::unique_ptr<FilterDatabase>> FilterDatabase::Make(const DataSet& data, const FilterPlan& plan,
                                                                     const DatabaseSettings& settings) {
  std::unique_ptr<FilterDatabase> made(new FilterDatabase);
  LINEAL_RETURN_IF_ERROR(made->Open(data, plan, settings));
  int64_t start = SystemClock()->MonotonicNs();
  LINEAL_RETURN_IF_ERROR(made->Fill(data, plan));
  made->load_seconds_ = SecondsSince(start);
  start = SystemClock()->MonotonicNs();
  LINEAL_RETURN_IF_ERROR(made->AwaitIndexed(settings.index_seconds_max));
  made->index_seconds_ = SecondsSince(start);
  return made;
}

FilterDatabase::~FilterDatabase() {
  collection_.reset();
  if (database_) database_->Stop();
}

absl::Status FilterDatabase::Open(const DataSet& data, const FilterPlan& plan, const DatabaseSettings& settings) {
  engine::DatabaseOptions options;
  options.directory = directory_.path() + "/data";
  options.search_threads = settings.threads;
  options.optimizer_threads = settings.threads;
  LINEAL_ASSIGN_OR_RETURN(database_, engine::OpenDatabase(options));
  LINEAL_RETURN_IF_ERROR(database_->CreateCollection(kCollection, SchemaFor(data, plan, settings)));
  LINEAL_ASSIGN_OR_RETURN(collection_, database_->GetCollection(kCollection));
  return absl::OkStatus();
}

absl::Status FilterDatabase::Fill(const DataSet& data, const FilterPlan& plan) {
  ProgressLine progress("rows written", data.base.rows());
  for (size_t begin = 0; begin < data.base.rows(); begin += kRowsAWrite) {
    const size_t end = std::min(data.base.rows(), begin + kRowsAWrite);
    engine::UpsertPoints op;
    for (size_t row = begin; row < end; ++row) op.points.push_back(PointOf(data, plan, row));
    LINEAL_RETURN_IF_ERROR(collection_->Write({.ops = {std::move(op)}}).status());
    progress.Add(end - begin);
  }
  return absl::OkStatus();
}

absl::Status FilterDatabase::AwaitIndexed(double seconds_max) {
  LINEAL_ASSIGN_OR_RETURN(engine::CollectionInfo info, collection_->Info());
  ProgressLine progress("rows indexed", info.vectors);
  const int64_t start = SystemClock()->MonotonicNs();
  for (uint64_t indexed = 0;;) {
    LINEAL_ASSIGN_OR_RETURN(info, collection_->Info());
    if (info.health == engine::CollectionHealth::kGreen && database_->Tasks().empty()) return absl::OkStatus();
    if (info.health == engine::CollectionHealth::kRed) return Internal("the collection is red: ", info.problem);
    if (SecondsSince(start) > seconds_max) {
      return absl::DeadlineExceededError(StrCat("not indexed within ", seconds_max, " s"));
    }
    // A merge shows fewer rows for a while than were indexed before it.
    const uint64_t more = std::max(info.indexed_vectors, indexed) - indexed;
    indexed += more;
    progress.Add(more);
    // There is no call that waits for the optimizer.
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

}  // namespace lineal::bench
