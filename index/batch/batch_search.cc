#include "index/batch/batch_search.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "index/batch/dot_block.h"
#include "index/kernels/active_kernels.h"
#include "index/vectors/top_k.h"

namespace lineal::index {
namespace {

constexpr size_t kRowsPerBlock = 256;

// A query of a block, with what turns a product into a lower bound of a distance:
// parts[row] * part_scale - product * dot_scale + rest.
struct Asked {
  const Query* query;
  const SearchParams* params;
  TopK top;
  float part_scale, dot_scale, rest;
};

class BatchScan {
 public:
  BatchScan(const RowFormat& format, const RowView& rows)
      : format_(format),
        rows_(rows),
        l2_(format.distance == Distance::kL2),
        tile_(ActiveKernels().dot_tiles[static_cast<size_t>(QueryOperands(format.type))]),
        dot_rows_(KernelOf(ActiveKernels(), RowOperands(format.type), Sum::kDot).one) {}

  void Add(const Query& query, const SearchParams& params) {
    const float* values = reinterpret_cast<const float*>(query.prepared());
    queries_.insert(queries_.end(), values, values + format_.dim);
    const float squares =
        KernelOf(ActiveKernels(), Operands::kF32F32, Sum::kDot).one(query.prepared(), query.prepared(), format_.dim);
    const float slack = static_cast<float>(format_.dim) * std::numeric_limits<float>::min();
    if (l2_) {
      asked_.push_back({&query, &params, TopK(params.top_k), 1, 2, LowerPartOfL2(squares, format_.dim)});
    } else {
      const float share = LengthAbove(squares, format_.dim) * ErrorShare(format_.dim);
      asked_.push_back({&query, &params, TopK(params.top_k), share, 1, -slack});
    }
  }

  // False when a deadline has passed.
  bool Scan(LocalId begin, LocalId end) {
    dots_.resize(asked_.size() * kRowsPerBlock);
    for (uint64_t at = Raw(begin); at < Raw(end);) {
      for (const Asked& asked : asked_) {
        if (asked.params->deadline.Expired()) return false;
      }
      const LocalId first{static_cast<uint32_t>(at)};
      const size_t count = std::min<uint64_t>({kRowsPerBlock, Raw(end) - at, rows_.rows_left_in_chunk(first)});
      const VectorRun run{rows_.at(first), rows_.row_bytes(), count};
      for (size_t j = 0; j < count; ++j) {
        const float squares = dot_rows_(run.at(j), run.at(j), format_.dim);
        // A product may fall short of the true one by its error: minus the length, scaled by the query's.
        parts_[j] = l2_ ? LowerPartOfL2(squares, format_.dim) : -LengthAbove(squares, format_.dim);
      }
      const VectorRun left{reinterpret_cast<const std::byte*>(queries_.data()), format_.dim * sizeof(float),
                           asked_.size()};
      DotBlock(tile_, left, run, format_.dim, dots_.data());
      for (size_t i = 0; i < asked_.size(); ++i) Offer(run, first, dots_.data() + i * count, &asked_[i]);
      at += count;
    }
    return true;
  }

  void TakeInto(std::vector<std::vector<Neighbor>>* found) {
    for (Asked& asked : asked_) found->push_back(asked.top.Take());
  }

 private:
  void Offer(const VectorRun& run, LocalId first, const float* dots, Asked* asked) {
    if (asked->params->top_k == 0) return;
    const DotBounds bounds{parts_, dots, asked->part_scale, asked->dot_scale, run.count};
    uint32_t positions[kRowsPerBlock];
    const size_t found = within_(bounds, asked->top.bound() - asked->rest, positions);
    for (size_t k = 0; k < found; ++k) {
      const size_t j = positions[k];
      const float bound = parts_[j] * bounds.part_scale - dots[j] * bounds.dot_scale;
      if (bound > asked->top.bound() - asked->rest) continue;
      const Neighbor candidate{asked->query->DistanceTo(run.at(j)), LocalId{Raw(first) + static_cast<uint32_t>(j)}};
      if (!asked->top.WouldEnter(candidate)) continue;
      const Acceptor* acceptor = asked->params->acceptor;
      if (acceptor == nullptr || acceptor->Accepts(candidate.id)) asked->top.Add(candidate);
    }
  }

  const RowFormat format_;
  const RowView rows_;
  const bool l2_;
  const DotTile tile_;
  const KernelOne dot_rows_;
  const BoundsWithin within_ = ActiveKernels().bounds_within;
  std::vector<float> queries_;  // one after another
  std::vector<Asked> asked_;
  std::vector<float> dots_;
  float parts_[kRowsPerBlock];
};

}  // namespace

bool CanScanForAll(const RowFormat& format) {
  return format.dim > 0 && format.type != ElementType::kU8 && format.distance != Distance::kL1;
}

std::vector<std::vector<Neighbor>> ScanRangeForAll(std::span<const Query* const> queries, const RowView& rows,
                                                   LocalId begin, LocalId end, std::span<const SearchParams> params) {
  LINEAL_CHECK(queries.size() == params.size());
  std::vector<std::vector<Neighbor>> found;
  if (queries.empty()) return found;
  const RowFormat& format = queries.front()->format();
  LINEAL_CHECK(CanScanForAll(format));
  const size_t step = LeftRunMax(format.dim * sizeof(float));
  bool in_time = true;
  for (size_t at = 0; at < queries.size(); at += step) {
    BatchScan scan(format, rows);
    for (size_t i = at; i < std::min(at + step, queries.size()); ++i) scan.Add(*queries[i], params[i]);
    in_time = in_time && scan.Scan(begin, end);
    scan.TakeInto(&found);
  }
  return found;
}

}  // namespace lineal::index
