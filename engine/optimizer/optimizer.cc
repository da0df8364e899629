#include "engine/optimizer/optimizer.h"

#include <algorithm>

#include "base/heap.h"
#include "base/log.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr int kNice = 10;
constexpr int64_t kRetryNs = 5'000'000'000;
constexpr int64_t kTidyNs = 1'000'000'000;
constexpr int64_t kTrimNs = 30'000'000'000;  // a trim writes the manifest
constexpr auto kIdleWait = std::chrono::milliseconds(500);
constexpr uint32_t kTailRowsPerStep = 4'096;
constexpr uint64_t kHeapBytesWorthTrimming = 16ull << 20;

absl::Status IndexTail(Shard& shard, const Segment& growing, uint32_t vector_number, const CompactionOptions& options) {
  const std::shared_ptr<const TableSchema> held = shard.schema();
  const TableSchema& schema = *held;
  const VectorDef* vector = schema.FindVector(vector_number);
  const auto it = growing.parts().vectors.find(vector_number);
  if (vector == nullptr || it == growing.parts().vectors.end()) return absl::OkStatus();
  VectorColumn& column = *it->second;
  const uint32_t rows = growing.rows().size();
  absl::Status status;
  if (schema.KindOf(*vector) == IndexKind::kIvf) {
    const index::IvfBuildOptions build{.executor = options.executor,
                                       .parallelism = options.parallelism,
                                       .cancelled = options.cancelled,
                                       .working = &shard.building()};
    status = column.ListUpTo(rows, vector_number + 1, schema.WantsCodes(*vector), build);
  } else {
    const index::HnswIndex::InsertOptions insert{options.executor, options.parallelism, options.cancelled,
                                                 options.done_rows};
    const uint32_t upto = std::min(rows, column.indexed() + kTailRowsPerStep);
    status = column.GraphUpTo(upto, schema.GraphParams(*vector), insert);
  }
  growing.Charge();
  return status;
}

}  // namespace

Optimizer::Optimizer(const OptimizerOptions& options)
    : options_(options), executor_("optimizer", options.threads > 1 ? options.threads - 1 : 0, 0, Place(kNice)) {}

Optimizer::~Optimizer() { Stop(); }

void Optimizer::Start() {
  threads_.emplace_back(
      "opt-list", [this] { Loop(Role::kList); }, Place(0));
  threads_.emplace_back(
      "opt-seal", [this] { Loop(Role::kSeal); }, Place(kNice));
  threads_.emplace_back(
      "opt-build", [this] { Loop(Role::kBuild); }, Place(kNice));
}

void Optimizer::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& member : members_) member->cancelled = true;
  }
  wake_.notify_all();
  for (ServiceThread& thread : threads_) thread.Join();
  executor_.Stop();
}

void Optimizer::Wake() {
  {
    std::lock_guard lock(mutex_);
    ++wakes_;
  }
  wake_.notify_all();
}

void Optimizer::Add(Shard* shard, const std::string& collection, uint32_t shard_number) {
  auto member = std::make_shared<Member>();
  member->shard = shard;
  member->collection = collection;
  member->number = shard_number;
  {
    std::lock_guard lock(mutex_);
    members_.push_back(std::move(member));
  }
  Wake();
}

void Optimizer::Remove(Shard* shard) {
  std::unique_lock lock(mutex_);
  auto it = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m->shard == shard; });
  if (it == members_.end()) return;
  std::shared_ptr<Member> member = *it;
  member->removed = true;
  member->cancelled = true;
  heap_to_trim_ = true;
  members_.erase(it);
  released_.wait(lock, [&] { return member->in_use == 0; });
}

std::vector<std::shared_ptr<Optimizer::Member>> Optimizer::Members() {
  std::lock_guard lock(mutex_);
  return members_;
}

void Optimizer::Loop(Role role) {
  uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (stopping_) return;
      seen = wakes_;
    }
    if (role == Role::kSeal) TidyNode();
    const bool worked = RunRound(role);
    std::unique_lock lock(mutex_);
    if (stopping_) return;
    if (!worked) wake_.wait_for(lock, kIdleWait, [&] { return stopping_ || wakes_ != seen; });
  }
}

bool Optimizer::RunRound(Role role) {
  bool worked = false;
  for (const std::shared_ptr<Member>& member : Members()) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return false;
      if (member->removed || options_.clock->MonotonicNs() < member->retry_at_ns) continue;
      ++member->in_use;
    }
    absl::StatusOr<bool> done = RunOne(*member, role);
    std::lock_guard lock(mutex_);
    if (--member->in_use == 0) released_.notify_all();
    if (done.ok()) {
      worked |= *done;
      if (*done) member->problem.clear();
    } else if (!absl::IsCancelled(done.status())) {
      Log(LogLevel::kWarning, "background work failed and will be tried again",
          {{"collection", member->collection}, {"error", std::string(MessageOf(done.status()))}});
      member->problem = std::string(MessageOf(done.status()));
      member->retry_at_ns = options_.clock->MonotonicNs() + kRetryNs;
    }
  }
  return worked;
}

absl::StatusOr<bool> Optimizer::RunOne(Member& member, Role role) {
  Shard& shard = *member.shard;
  std::optional<TaskChoice> task;
  switch (role) {
    case Role::kList:
      task = ChooseListing(*shard.segments(), *shard.schema());
      break;
    case Role::kSeal:
      LINEAL_RETURN_IF_ERROR(Tidy(member));
      task = ChooseSeal(*shard.segments());
      break;
    case Role::kBuild:
      task = ChooseBuild(*shard.segments(), *shard.schema(), shard.floor());
      if (!task) task = ChooseCalibration(*shard.segments(), shard.query_samples());
      break;
  }
  if (!task) return false;
  LINEAL_RETURN_IF_ERROR(RunTask(member, *task, role));
  return true;
}

absl::Status Optimizer::RunTask(Member& member, const TaskChoice& task, Role role) {
  if (role == Role::kBuild) {
    std::lock_guard lock(mutex_);
    member.running = task.kind;
    member.total_rows = task.rows;
    member.done_rows = 0;
    member.started_ns = options_.clock->MonotonicNs();
  }
  CompactionOptions options;
  // Listing does not wait for threads that give way to others.
  const bool alone = options_.threads <= 1 || role == Role::kList;
  options.executor = alone ? nullptr : &executor_;
  options.parallelism = alone ? 1 : options_.threads;
  options.cancelled = &member.cancelled;
  options.done_rows = role == Role::kBuild ? &member.done_rows : nullptr;
  options.build_graphs = role == Role::kBuild;
  absl::Status status;
  switch (task.kind) {
    case TaskKind::kIndexTail:
      status = IndexTail(*member.shard, *task.inputs.front(), task.vector, options);
      break;
    case TaskKind::kComplete:
      status = CompleteIndexes(*member.shard, task.inputs.front(), options);
      break;
    case TaskKind::kSeal:
    case TaskKind::kMerge:
    case TaskKind::kVacuum:
      status = Compact(*member.shard, task.inputs, options);
      break;
    case TaskKind::kCalibrate:
      status = Calibrate(*member.shard, *task.inputs.front(), options.cancelled);
      break;
  }
  if (task.kind != TaskKind::kIndexTail) heap_to_trim_ = true;
  if (role == Role::kBuild) {
    std::lock_guard lock(mutex_);
    member.running.reset();
  }
  return status;
}

// The floor moves on and the log is let go at most once a second; history is trimmed less often.
absl::Status Optimizer::Tidy(Member& member) {
  const int64_t now = options_.clock->MonotonicNs();
  if (now < member.vacuum_at_ns) return absl::OkStatus();
  member.vacuum_at_ns = now + kTidyNs;
  Shard& shard = *member.shard;
  LINEAL_RETURN_IF_ERROR(shard.Drain());
  LINEAL_RETURN_IF_ERROR(shard.PurgeLeftover());
  shard.RollMostlyDead();
  const Seq before = shard.floor();
  member.floor_moved |= shard.AdvanceFloor() > before;
  if (member.floor_moved && now >= member.trim_at_ns) {
    LINEAL_RETURN_IF_ERROR(shard.TrimHistory());
    member.floor_moved = false;
    member.trim_at_ns = now + kTrimNs;
  }
  if (options_.log != nullptr) {
    const std::vector<ShardId> holding = options_.log->ShardsHoldingBack();
    if (std::find(holding.begin(), holding.end(), shard.environment().id) != holding.end()) return shard.FlushAll();
  }
  return shard.ReleaseLog();
}

// What a task replaced goes with its last reader, and so does the heap's part of it, a moment later.
void Optimizer::GiveMemoryBack() {
  if (heap_to_trim_.exchange(false) && ReadHeapUse().kept_bytes() >= kHeapBytesWorthTrimming) TrimHeap();
}

void Optimizer::TidyNode() {
  const int64_t now = options_.clock->MonotonicNs();
  if (now < node_at_ns_) return;
  node_at_ns_ = now + kTidyNs;
  GiveMemoryBack();
  if (!options_.tidy_node) return;
  if (absl::Status tidied = options_.tidy_node(); !tidied.ok()) {
    Log(LogLevel::kWarning, "background work failed and will be tried again",
        {{"error", std::string(MessageOf(tidied))}});
    node_at_ns_ = now + kRetryNs;
  }
}

absl::Status Optimizer::RunToEnd(Shard* shard) {
  Member member;
  member.shard = shard;
  shard->AdvanceFloor();
  member.floor_moved = true;
  for (;;) {
    member.vacuum_at_ns = 0;
    member.trim_at_ns = 0;
    bool worked = false;
    for (const Role role : {Role::kSeal, Role::kList, Role::kBuild}) {
      LINEAL_ASSIGN_OR_RETURN(const bool done, RunOne(member, role));
      worked |= done;
    }
    if (!worked) return absl::OkStatus();
  }
}

std::vector<OptimizerTask> Optimizer::Tasks() {
  std::vector<OptimizerTask> tasks;
  for (const std::shared_ptr<Member>& member : Members()) {
    std::optional<TaskChoice> next;
    OptimizerTask line;
    {
      std::lock_guard lock(mutex_);
      if (member->removed) continue;
      ++member->in_use;
      line.collection = member->collection;
      line.shard = member->number;
      if (member->running) {
        line.kind = NameOf(*member->running);
        line.state = "running";
        line.done_rows = std::min(member->done_rows.load(), member->total_rows);
        line.total_rows = member->total_rows;
        const double elapsed_s = static_cast<double>(options_.clock->MonotonicNs() - member->started_ns) * 1e-9;
        if (line.done_rows > 0) {
          line.eta_s =
              elapsed_s / static_cast<double>(line.done_rows) * static_cast<double>(line.total_rows - line.done_rows);
        }
      }
    }
    const std::shared_ptr<const SegmentList> segments = member->shard->segments();
    auto first = ChooseSeal(*segments);
    if (!first) first = ChooseListing(*segments, *member->shard->schema());
    if (first) {
      tasks.push_back({line.collection, line.shard, std::string(NameOf(first->kind)), "queued", 0, first->rows, 0});
    }
    if (!line.state.empty()) {
      tasks.push_back(line);
    } else if (auto build = ChooseBuild(*segments, *member->shard->schema(), member->shard->floor())) {
      tasks.push_back({line.collection, line.shard, std::string(NameOf(build->kind)), "queued", 0, build->rows, 0});
    }
    std::lock_guard lock(mutex_);
    if (--member->in_use == 0) released_.notify_all();
  }
  return tasks;
}

std::string Optimizer::ProblemOf(const Shard* shard) {
  std::lock_guard lock(mutex_);
  for (const auto& member : members_) {
    if (member->shard == shard) return member->problem;
  }
  return "";
}

}  // namespace lineal::engine
