// An inverted file: rows in lists by the nearest centroid, with one-bit codes that a search scans list by list, nearest
// first. Rows that these say may be near enough are judged by their codes of more bits, if there are any, and the last
// few by themselves. Built at once over rows that do not change; which of them are dead an Acceptor says.
//
// Threads: immutable once built; any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/io.h"
#include "base/memory_ledger.h"
#include "index/ivf/list_groups.h"
#include "index/quantizers/rabitq.h"
#include "index/quantizers/rotation.h"
#include "index/quantizers/row_codes.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/page_array.h"
#include "index/vectors/query.h"
#include "index/vectors/row_format.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

class IvfIndex;
class ListedRows;
class PassingPlaces;

struct IvfParams {
  uint32_t lists = 0;  // 0: a list for every kRowsPerList rows
  uint64_t seed = 1;
  uint32_t sample_per_list = 64;  // rows that the centroids are found by
  // An index over much the same rows, whose centroids are taken instead of training, and the codes of whose rows are
  // taken where the rows are still wanted: remap[i] is the place here of its row i, or kNoLocal; an empty remap leaves
  // all in their places. `lists` and `seed` are not used then.
  const IvfIndex* like = nullptr;
  std::span<const LocalId> remap;
  // The only rows that are to be in it; none named: all that there are.
  std::span<const LocalId> among;
  static constexpr uint32_t kRowsPerList = 256;
};

struct IvfBuildOptions {
  Executor* executor = nullptr;
  size_t parallelism = 1;
  const std::atomic<bool>* cancelled = nullptr;
  std::atomic<uint64_t>* progress = nullptr;  // rows done, added to
  WorkingMemory* working = nullptr;           // what building holds until it is done
};

class IvfIndex {
 public:
  // Over those of the rows below `count` that `has` says yes to. CanRabitq(format) holds. CANCELLED if told so.
  static absl::StatusOr<std::unique_ptr<IvfIndex>> Build(const RowFormat& format, const IvfParams& params,
                                                         const RowView& rows, uint32_t count,
                                                         const std::function<bool(LocalId)>& has,
                                                         const IvfBuildOptions& options);
  // About what Build holds at most, the index among it.
  static uint64_t BuildBytes(const RowFormat& format, uint64_t rows);
  // A checksummed image (docs/format/ivf_image.md), and an index copied from one: DATA_LOSS if it is damaged, of
  // another format or of other rows. `rows` as in Build.
  absl::Status Save(ByteSink* sink) const;
  static absl::StatusOr<std::unique_ptr<IvfIndex>> Load(std::string_view image, const RowFormat& format,
                                                        const RowView& rows, uint32_t count);

  // Codes of the same rows, to judge them by; before the first search.
  void AttachCodes(std::shared_ptr<const RowCodes> codes);

  // The rows in the order of the lists, in a file: searches then read rows there, a few at a time, and look at no
  // codes but those of one bit. Before the first search.
  void AttachListedRows(std::shared_ptr<const ListedRows> rows);
  const ListedRows* listed_rows() const { return listed_rows_.get(); }
  std::span<const LocalId> ids() const { return ids_; }  // list after list

  // The top_k nearest with their exact distances, nearest first. With listed rows `params.work` is not null, and says
  // when they could not be read.
  std::vector<Neighbor> Search(const Query& query, const SearchParams& params) const;

  // For SearchParams: of the rows that `may_pass` says yes to.
  PassingPlaces PlacesOf(const std::function<bool(LocalId)>& may_pass) const;

  std::span<const float> centroids() const { return centroids_; }  // lists() * dim
  uint32_t lists() const { return static_cast<uint32_t>(begins_.size() - 1); }
  static uint32_t ListsFor(uint64_t rows);
  uint32_t size() const { return begins_.back(); }
  uint64_t memory_bytes() const;

 private:
  IvfIndex(const RowFormat& format, uint64_t seed, const RowView& rows);
  std::span<const float> Centroid(uint32_t list) const {
    return {centroids_.data() + size_t{list} * format_.dim, format_.dim};
  }
  // What a list counts for in an Effort, where a full one counts for one.
  double ListWeight() const;
  void SetCenter();
  void PlaceBlocks();
  struct Kept;
  static Kept TakeOver(const IvfParams& params, uint32_t count, const std::function<bool(LocalId)>& has);
  absl::Status Train(const IvfParams& params, const std::vector<LocalId>& ids, const IvfBuildOptions& options);
  void Place(const std::vector<LocalId>& ids, const std::vector<uint32_t>& list_of);
  void EncodeList(uint32_t list, const Kept& kept);
  struct Probe;
  template <class Candidates>
  void ScanList(uint32_t list, const Probe& probe, float deviations, const PassingPlaces* places,
                Candidates* candidates) const;
  template <class Candidates>
  void ScanForABound(uint32_t list, const Probe& probe, const ScanQuery& scan_query, uint64_t first, size_t blocks,
                     const PassingPlaces* places, Candidates* candidates) const;
  template <class Candidates>
  void JudgePassing(uint32_t list, const PassingPlaces& places, Candidates* candidates) const;
  template <class Measure>
  std::vector<Neighbor> Scan(const Measure& measure, const Probe& probe, size_t kept, const SearchParams& params) const;
  std::vector<float> RankLists(const Query& to_centroids) const;
  template <class CodeQuery>
  std::vector<float> RankListsByCodes(const CodeQuery& code_query) const;
  template <class CodeQuery>
  std::vector<uint32_t> ChooseByCodes(const CodeQuery& code_query, const Query& to_centroids, size_t wanted) const;
  std::vector<Neighbor> SearchListed(const Query& query, const Query& to_centroids, float norm,
                                     const SearchParams& params) const;
  struct Guesses;
  void ScanForGuesses(const Query& query, const Query& to_centroids, const RabitqQuery& bits, float norm,
                      const SearchParams& params, Guesses* guesses) const;
  std::byte* Blocks(uint32_t list) const { return blocks_.as<std::byte>() + first_blocks_[list] * block_bytes_; }

  // A list's code block and the place in it of a place in ids_.
  std::byte* BlockOf(uint32_t list, uint32_t place) const {
    return Blocks(list) + (place - begins_[list]) / kScanRows * block_bytes_;
  }
  size_t SlotOf(uint32_t list, uint32_t place) const { return (place - begins_[list]) % kScanRows; }

  const RowFormat format_;
  const uint64_t seed_;
  const RowView rows_;
  const size_t block_bytes_;
  const Rotation rotation_;
  std::vector<float> center_;
  std::vector<float> centroids_;              // lists() * dim
  std::vector<float> squares_;                // of the centroids' norms
  std::shared_ptr<const ListGroups> groups_;  // null: lists are few
  std::vector<uint32_t> begins_;              // lists() + 1 places in ids_
  std::vector<uint64_t> first_blocks_;        // lists() + 1
  std::vector<LocalId> ids_;
  PageArray blocks_;
  std::shared_ptr<const RowCodes> codes_;           // of the rows, by their ids; may be null
  std::shared_ptr<const RowCodes> centroid_codes_;  // alike
  std::shared_ptr<const ListedRows> listed_rows_;   // null: rows are read through rows_
};

}  // namespace lineal::index
