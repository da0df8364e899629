#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/random.h"
#include "base/status.h"
#include "index/ivf/assignment.h"
#include "index/ivf/ivf_index.h"
#include "index/ivf/kmeans.h"

namespace lineal::index {
namespace {

constexpr size_t kRowsPerTask = 4'096;
constexpr size_t kBytesPerTask = size_t{2} << 20;  // of rows as floats
constexpr size_t kTasksAtOnce = 2;                 // taken for granted by BuildBytes
// Beside the rows: ids twice, a list and a kept place.
constexpr size_t kPlaceBytes = 4 * sizeof(uint32_t);
// Beside a centroid: sums, and what distances to it are measured with.
constexpr size_t kCentroidCopies = 4;

size_t RowsPerTask(uint32_t dim) { return std::min(kRowsPerTask, 1 + kBytesPerTask / (dim * sizeof(float))); }

void ForEachTask(size_t tasks, const IvfBuildOptions& options, const std::function<void(size_t)>& task) {
  const auto run = [&](size_t i) {
    if (options.cancelled == nullptr || !options.cancelled->load()) task(i);
  };
  if (options.executor != nullptr && options.parallelism > 1) {
    options.executor->ParallelFor(tasks, run);
  } else {
    for (size_t i = 0; i < tasks; ++i) run(i);
  }
}

std::vector<float> DecodeRows(const RowFormat& format, const RowView& rows, std::span<const LocalId> ids) {
  std::vector<float> values(ids.size() * format.dim);
  for (size_t i = 0; i < ids.size(); ++i) DecodeRow(format, rows.at(ids[i]), values.data() + i * format.dim);
  return values;
}

std::vector<LocalId> Sample(const std::vector<LocalId>& ids, size_t wanted, uint64_t seed) {
  if (ids.size() <= wanted) return ids;
  Random random(seed);
  std::vector<LocalId> sample(wanted);
  for (size_t i = 0; i < wanted; ++i) {
    const size_t begin = i * ids.size() / wanted, end = (i + 1) * ids.size() / wanted;
    sample[i] = ids[begin + random.Below(end - begin)];
  }
  return sample;
}

absl::Status CheckCancelled(const IvfBuildOptions& options) {
  return options.cancelled != nullptr && options.cancelled->load() ? absl::CancelledError("building was stopped")
                                                                   : absl::OkStatus();
}

}  // namespace

uint32_t IvfIndex::ListsFor(uint64_t rows) {
  return static_cast<uint32_t>(std::max<uint64_t>(1, rows / IvfParams::kRowsPerList));
}

uint64_t IvfIndex::BuildBytes(const RowFormat& format, uint64_t rows) {
  const uint64_t lists = ListsFor(rows), row_bytes = format.dim * sizeof(float);
  const uint64_t training =
      row_bytes * (std::min<uint64_t>(rows, lists * IvfParams{}.sample_per_list) + kCentroidCopies * lists);
  const uint64_t giving = row_bytes * std::min<uint64_t>(rows, kTasksAtOnce * RowsPerTask(format.dim));
  const uint64_t blocks = (rows / kScanRows + lists) * RabitqBlockBytes(format.dim);
  return std::max(training, giving + blocks) + lists * row_bytes + rows * (kPlaceBytes + sizeof(LocalId));
}

void IvfIndex::SetCenter() {
  center_.assign(format_.dim, 0.0f);
  squares_.assign(lists(), 0.0f);
  for (uint32_t list = 0; list < lists(); ++list) {
    const std::span<const float> centroid = Centroid(list);
    for (uint32_t i = 0; i < format_.dim; ++i) {
      center_[i] += centroid[i] / static_cast<float>(lists());
      squares_[list] += centroid[i] * centroid[i];
    }
  }
}

void IvfIndex::PlaceBlocks() {
  first_blocks_.assign(1, 0);
  for (uint32_t list = 0; list < lists(); ++list) {
    first_blocks_.push_back(first_blocks_.back() + (begins_[list + 1] - begins_[list] + kScanRows - 1) / kScanRows);
  }
  blocks_ = PageArray(first_blocks_.back() * block_bytes_);
}

// Codes that another index has of these rows: by place here, the place there or kNone, and the list.
struct IvfIndex::Kept {
  static constexpr uint32_t kNone = ~uint32_t{0};
  const IvfIndex* from = nullptr;
  std::vector<uint32_t> places, lists;
};

IvfIndex::Kept IvfIndex::TakeOver(const IvfParams& params, uint32_t count, const std::function<bool(LocalId)>& has) {
  Kept kept;
  kept.from = params.like;
  if (kept.from == nullptr) return kept;
  kept.places.assign(count, Kept::kNone);
  kept.lists.assign(count, 0);
  const IvfIndex& like = *params.like;
  for (uint32_t list = 0; list < like.lists(); ++list) {
    for (uint32_t place = like.begins_[list]; place < like.begins_[list + 1]; ++place) {
      const LocalId there = like.ids_[place];
      const LocalId here = params.remap.empty() ? there : params.remap[Raw(there)];
      if (Raw(here) >= count || !has(here)) continue;
      kept.places[Raw(here)] = place;
      kept.lists[Raw(here)] = list;
    }
  }
  return kept;
}

void IvfIndex::EncodeList(uint32_t list, const Kept& kept) {
  RabitqEncoder encoder(format_.distance, rotation_, center_);
  encoder.SetCentroid(Centroid(list));
  std::vector<float> values(format_.dim);
  const uint32_t begin = begins_[list], end = begins_[list + 1];
  for (uint32_t place = begin; place < end; ++place) {
    const uint32_t id = Raw(ids_[place]);
    if (kept.from != nullptr && kept.places[id] != Kept::kNone) {
      CopyRabitqCode(format_.dim, kept.from->BlockOf(list, kept.places[id]), kept.from->SlotOf(list, kept.places[id]),
                     BlockOf(list, place), SlotOf(list, place));
      continue;
    }
    DecodeRow(format_, rows_.at(ids_[place]), values.data());
    encoder.Encode(values, SlotOf(list, place), BlockOf(list, place));
  }
  if (SlotOf(list, end) != 0) encoder.Close(SlotOf(list, end), BlockOf(list, end));
}

absl::Status IvfIndex::Train(const IvfParams& params, const std::vector<LocalId>& ids, const IvfBuildOptions& options) {
  if (params.like != nullptr) {
    centroids_ = params.like->centroids_;
    groups_ = params.like->groups_;
    return absl::OkStatus();
  }
  const uint32_t lists = params.lists > 0 ? params.lists : ListsFor(ids.size());
  const std::vector<LocalId> sample = Sample(ids, size_t{lists} * params.sample_per_list, params.seed);
  const WorkingMemory::Part held(options.working,
                                 format_.dim * sizeof(float) * (sample.size() + size_t{kCentroidCopies} * lists));
  const std::vector<float> values = DecodeRows(format_, rows_, sample);
  KMeansOptions kmeans;
  kmeans.seed = params.seed;
  kmeans.executor = options.executor;
  kmeans.parallelism = options.parallelism;
  kmeans.cancelled = options.cancelled;
  centroids_ = KMeans(values.data(), sample.size(), format_.dim, lists, kmeans);
  if (centroids_.empty()) centroids_.assign(format_.dim, 0.0f);
  groups_ = ListGroups::Of(centroids_, format_.dim);
  return CheckCancelled(options);
}

// Rows into their lists, in the order of their places.
void IvfIndex::Place(const std::vector<LocalId>& ids, const std::vector<uint32_t>& list_of) {
  const size_t lists = centroids_.size() / format_.dim;
  begins_.assign(lists + 1, 0);
  for (LocalId id : ids) ++begins_[list_of[Raw(id)] + 1];
  for (size_t list = 0; list < lists; ++list) begins_[list + 1] += begins_[list];
  ids_.resize(ids.size());
  std::vector<uint32_t> next(begins_.begin(), begins_.end() - 1);
  for (LocalId id : ids) ids_[next[list_of[Raw(id)]]++] = id;
}

absl::StatusOr<std::unique_ptr<IvfIndex>> IvfIndex::Build(const RowFormat& format, const IvfParams& params,
                                                          const RowView& rows, uint32_t count,
                                                          const std::function<bool(LocalId)>& has,
                                                          const IvfBuildOptions& options) {
  LINEAL_CHECK(CanRabitq(format));
  const uint64_t seed = params.like != nullptr ? params.like->seed_ : params.seed;
  std::unique_ptr<IvfIndex> index(new IvfIndex(format, seed, rows));
  const WorkingMemory::Part places(options.working, count * kPlaceBytes);
  std::vector<LocalId> ids;
  if (params.among.empty()) {
    for (uint32_t i = 0; i < count; ++i) {
      if (has(LocalId{i})) ids.push_back(LocalId{i});
    }
  } else {
    std::copy_if(params.among.begin(), params.among.end(), std::back_inserter(ids), has);
  }
  LINEAL_RETURN_IF_ERROR(index->Train(params, ids, options));
  const size_t lists = index->centroids_.size() / format.dim;

  const Kept kept = TakeOver(params, count, has);
  std::vector<LocalId> fresh = ids;
  if (kept.from != nullptr) std::erase_if(fresh, [&](LocalId id) { return kept.places[Raw(id)] != Kept::kNone; });
  std::vector<uint32_t> list_of = kept.lists;
  list_of.resize(count);
  const Assignment assignment(index->centroids_, format.dim, index->groups_.get());
  const size_t step = RowsPerTask(format.dim);
  ForEachTask((fresh.size() + step - 1) / step, options, [&](size_t task) {
    const size_t begin = task * step, size = std::min(step, fresh.size() - begin);
    const WorkingMemory::Part held(options.working, size * format.dim * sizeof(float));
    const std::vector<float> values = DecodeRows(format, rows, {fresh.data() + begin, size});
    std::vector<uint32_t> nearest(size);
    assignment.Find(values.data(), size, nearest.data());
    for (size_t i = 0; i < size; ++i) list_of[Raw(fresh[begin + i])] = nearest[i];
  });
  LINEAL_RETURN_IF_ERROR(CheckCancelled(options));

  index->Place(ids, list_of);
  index->SetCenter();
  index->PlaceBlocks();
  const WorkingMemory::Part built(options.working, index->memory_bytes());
  ForEachTask(lists, options, [&](size_t list) {
    index->EncodeList(static_cast<uint32_t>(list), kept);
    if (options.progress != nullptr) *options.progress += index->begins_[list + 1] - index->begins_[list];
  });
  LINEAL_RETURN_IF_ERROR(CheckCancelled(options));
  return index;
}

}  // namespace lineal::index
