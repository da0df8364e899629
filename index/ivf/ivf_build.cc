#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/random.h"
#include "base/status.h"
#include "index/batch/batch_distance.h"
#include "index/ivf/ivf_index.h"
#include "index/ivf/kmeans.h"

namespace lineal::index {
namespace {

constexpr size_t kSamplePerList = 64;
constexpr size_t kRowsPerTask = 4'096;

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

void IvfIndex::EncodeList(uint32_t list) {
  RabitqEncoder encoder(format_.distance, rotation_, center_);
  encoder.SetCentroid(Centroid(list));
  std::vector<float> values(format_.dim);
  const uint32_t begin = begins_[list], size = begins_[list + 1] - begin;
  for (uint32_t i = 0; i < size; ++i) {
    DecodeRow(format_, rows_.at(ids_[begin + i]), values.data());
    encoder.Encode(values, i % kScanRows, Blocks(list) + i / kScanRows * block_bytes_);
  }
  if (size % kScanRows != 0) encoder.Close(size % kScanRows, Blocks(list) + size / kScanRows * block_bytes_);
}

absl::StatusOr<std::unique_ptr<IvfIndex>> IvfIndex::Build(const RowFormat& format, const IvfParams& params,
                                                          const RowView& rows, uint32_t count,
                                                          const std::function<bool(LocalId)>& has,
                                                          const IvfBuildOptions& options) {
  LINEAL_CHECK(CanRabitq(format));
  std::unique_ptr<IvfIndex> index(new IvfIndex(format, params.seed, rows));
  std::vector<LocalId> ids;
  for (uint32_t i = 0; i < count; ++i) {
    if (has(LocalId{i})) ids.push_back(LocalId{i});
  }
  index->centroids_.assign(params.centroids.begin(), params.centroids.end());
  if (params.centroids.empty()) {
    const uint32_t lists = params.lists > 0 ? params.lists : ListsFor(ids.size());
    const std::vector<LocalId> sample = Sample(ids, lists * kSamplePerList, params.seed);
    const std::vector<float> values = DecodeRows(format, rows, sample);
    KMeansOptions kmeans;
    kmeans.seed = params.seed;
    kmeans.executor = options.executor;
    kmeans.parallelism = options.parallelism;
    kmeans.cancelled = options.cancelled;
    index->centroids_ = KMeans(values.data(), sample.size(), format.dim, lists, kmeans);
    if (index->centroids_.empty()) index->centroids_.assign(format.dim, 0.0f);
    LINEAL_RETURN_IF_ERROR(CheckCancelled(options));
  }
  const size_t found = index->centroids_.size() / format.dim;

  std::vector<uint32_t> nearest(ids.size());
  ForEachTask((ids.size() + kRowsPerTask - 1) / kRowsPerTask, options, [&](size_t task) {
    const size_t begin = task * kRowsPerTask, size = std::min(kRowsPerTask, ids.size() - begin);
    const std::vector<float> values = DecodeRows(format, rows, {ids.data() + begin, size});
    std::vector<float> distances(size);
    NearestByL2(values.data(), size, index->centroids_.data(), found, format.dim, nearest.data() + begin,
                distances.data(), nullptr, 1);
  });
  LINEAL_RETURN_IF_ERROR(CheckCancelled(options));

  index->begins_.assign(found + 1, 0);
  for (uint32_t list : nearest) ++index->begins_[list + 1];
  for (size_t list = 0; list < found; ++list) index->begins_[list + 1] += index->begins_[list];
  index->ids_.resize(ids.size());
  std::vector<uint32_t> next(index->begins_.begin(), index->begins_.end() - 1);
  for (size_t i = 0; i < ids.size(); ++i) index->ids_[next[nearest[i]]++] = ids[i];

  index->SetCenter();
  index->PlaceBlocks();
  ForEachTask(found, options, [&](size_t list) {
    index->EncodeList(static_cast<uint32_t>(list));
    if (options.progress != nullptr) *options.progress += index->begins_[list + 1] - index->begins_[list];
  });
  LINEAL_RETURN_IF_ERROR(CheckCancelled(options));
  return index;
}

}  // namespace lineal::index
