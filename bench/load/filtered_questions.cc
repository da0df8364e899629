#include "bench/load/filtered_questions.h"

#include <algorithm>

namespace lineal::bench {
namespace {

void Append(const float* row, Matrix* matrix) { matrix->values.insert(matrix->values.end(), row, row + matrix->dim); }

// Rows that pass a filter, and every `step`th question from `first` on, which are those that it is asked with.
struct Part {
  DataSet data;
  std::vector<size_t> rows, questions;  // their places in the whole
};

Part PartOf(const FilteredRows& whole, const NumberFilter& filter, size_t first, size_t step) {
  const DataSet& from = whole.data;
  Part part;
  part.data.distance = from.distance;
  part.data.base.dim = part.data.queries.dim = from.base.dim;
  for (size_t i = 0; i < from.base.rows(); ++i) {
    if (!filter.Passes(whole.numbers[i])) continue;
    part.rows.push_back(i);
    Append(from.base.row(i), &part.data.base);
  }
  for (size_t i = first; i < from.queries.rows(); i += step) {
    part.questions.push_back(i);
    Append(from.queries.row(i), &part.data.queries);
  }
  if (from.distance == index::Distance::kCosine) Normalise(&part.data.base);
  return part;
}

}  // namespace

QuestionSet MakeFilteredQuestions(const FilteredRows& rows, double share, size_t count, const QuestionOptions& options,
                                  Executor* executor) {
  count = std::min(count, rows.data.queries.rows());
  const std::vector<NumberFilter> filters = NumberFilters(share, rows.data.base.rows(), count);
  QuestionSet questions = MakeQuestions(rows.data.queries, options, filters);
  questions.filter_share = share;
  questions.truth.resize(questions.messages.size());
  for (size_t i = 0; i < filters.size(); ++i) {
    Part part = PartOf(rows, filters[i], i, filters.size());
    ComputeTruth(options.limit, executor, &part.data);
    for (size_t j = 0; j < part.questions.size(); ++j) {
      std::vector<uint64_t>& ids = questions.truth[part.questions[j]];
      for (size_t k = 0; k < part.data.truth_k; ++k) {
        ids.push_back(part.rows[part.data.truth[j * part.data.truth_k + k]]);
      }
    }
  }
  return questions;
}

}  // namespace lineal::bench
