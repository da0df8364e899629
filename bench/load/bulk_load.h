// Fills a collection over streaming gRPC, and keeps filling it while something else is measured.
//
// Threads: one at a time; BackgroundIngest has a thread of its own.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "bench/load/load_run.h"
#include "bench/sets/data_set.h"
#include "lineal/v1/collections.pb.h"

namespace lineal::bench {

struct BulkTarget {
  std::shared_ptr<grpc::Channel> channel;
  std::string api_key;
  std::string collection;
  v1::Metric metric = v1::METRIC_EUCLID;
};

BulkTarget ConnectBulk(const std::string& address, const std::string& api_key, const std::string& collection);

absl::Status DropCollection(const BulkTarget& target);
// Drops a collection of that name and makes a new one; one without graphs if it is not to be `indexed`.
absl::Status CreateFresh(const BulkTarget& target, size_t dim, uint32_t m, uint32_t ef_construct, bool indexed = true);
// The numbers of rows get a payload index (number_filters.h).
absl::Status IndexNumbers(const BulkTarget& target);
// Row i becomes point i, with numbers[i] as its payload if there are numbers. Seconds from the first message to the
// last acknowledgement.
absl::StatusOr<double> UploadAll(const BulkTarget& target, const Matrix& rows, size_t rows_per_message,
                                 std::span<const uint32_t> numbers = {});
// Seconds until the collection says that everything is indexed. DEADLINE_EXCEEDED after `seconds_max`.
absl::StatusOr<double> AwaitIndexed(const BulkTarget& target, double seconds_max);
// Of its vectors, those that an index finds; the others are scanned.
absl::StatusOr<uint64_t> CountIndexed(const BulkTarget& target);
// Asks every question with `exact` and keeps the answers as the truth.
absl::Status FetchTruth(const BulkTarget& target, QuestionSet* questions);

// What copies of the rows are moved by in each component to be no question's answer: not so far that the others can no
// longer be told apart beside them.
float FarFrom(const Matrix& rows);

// Upserts points at a steady rate until it goes out of scope: copies of the rows, moved so far away that they are no
// question's answer, under ids after the rows'.
class BackgroundIngest {
 public:
  BackgroundIngest(const BulkTarget& target, const Matrix& rows, double rows_per_s);
  ~BackgroundIngest();
  uint64_t acknowledged() const { return acknowledged_; }
  std::string error() const { return error_; }  // once stopped

 private:
  void Loop();

  const BulkTarget target_;
  const Matrix& rows_;
  const double rows_per_s_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> acknowledged_{0};
  std::string error_;
  ServiceThread thread_;
};

}  // namespace lineal::bench
