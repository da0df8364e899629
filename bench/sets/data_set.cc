#include "bench/sets/data_set.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "bench/sets/progress_line.h"
#include "index/batch/batch_search.h"
#include "index/vectors/growing_rows.h"
#include "index/vectors/query.h"

namespace lineal::bench {
namespace {

constexpr size_t kQueriesPerBlock = 64;

}  // namespace

void Matrix::Truncate(size_t count) {
  if (count < rows()) values.resize(count * dim);
}

void Normalise(Matrix* matrix) {
  for (size_t i = 0; i < matrix->rows(); ++i) {
    float* row = matrix->values.data() + i * matrix->dim;
    double squares = 0;
    for (size_t j = 0; j < matrix->dim; ++j) squares += static_cast<double>(row[j]) * row[j];
    const auto scale = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 1);
    for (size_t j = 0; j < matrix->dim; ++j) row[j] *= scale;
  }
}

void ComputeTruth(size_t k, Executor* executor, DataSet* data) {
  const index::RowFormat format{index::ElementType::kF32, data->distance, static_cast<uint32_t>(data->base.dim)};
  const index::RegionRows rows(reinterpret_cast<const std::byte*>(data->base.values.data()), format.row_bytes());
  data->truth_k = std::min(k, data->base.rows());
  data->truth.resize(data->queries.rows() * data->truth_k);
  ProgressLine progress("exact answers", data->queries.rows());
  const size_t count = data->queries.rows(), blocks = (count + kQueriesPerBlock - 1) / kQueriesPerBlock;
  const LocalId end{static_cast<uint32_t>(data->base.rows())};
  executor->ParallelFor(blocks, [&](size_t block) {
    const size_t first = block * kQueriesPerBlock, last = std::min(count, first + kQueriesPerBlock);
    std::vector<index::Query> queries;
    std::vector<const index::Query*> pointers;
    for (size_t i = first; i < last; ++i) {
      auto query = index::Query::Make(format, {data->queries.row(i), data->queries.dim});
      LINEAL_CHECK(query.ok());
      queries.push_back(*std::move(query));
    }
    for (const index::Query& query : queries) pointers.push_back(&query);
    const std::vector<index::SearchParams> params(queries.size(), {.top_k = data->truth_k});
    const auto nearest = index::ScanRangeForAll(pointers, rows.view(), LocalId{0}, end, params);
    for (size_t i = first; i < last; ++i) {
      for (size_t j = 0; j < data->truth_k; ++j) data->truth[i * data->truth_k + j] = Raw(nearest[i - first][j].id);
    }
    progress.Add(last - first);
  });
}

}  // namespace lineal::bench
