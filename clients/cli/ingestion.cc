#include "clients/cli/ingestion.h"

#include <condition_variable>
#include <mutex>
#include <optional>

#include "base/executor.h"
#include "base/status.h"
#include "clients/cli/checkpoint.h"

namespace lineal::cli {
namespace {

struct Batch {
  uint64_t number = 0;
  std::vector<ShapedPoint> points;
  ReadPosition end;
};

// What one thread writes with.
struct Lane {
  std::unique_ptr<Embedder> embedder;
  std::unique_ptr<PointWriter> writer;
};

class Run {
 public:
  Run(RecordReader* reader, const IngestionOptions& options, const IngestionParts& parts)
      : reader_(*reader), options_(options), parts_(parts), tracker_(reader->position()) {}

  absl::StatusOr<IngestionSummary> All() {
    for (size_t i = 0; i < std::max<size_t>(1, options_.parallel); ++i) {
      Lane lane;
      if (parts_.make_embedder) {
        LINEAL_ASSIGN_OR_RETURN(lane.embedder, parts_.make_embedder());
      }
      LINEAL_ASSIGN_OR_RETURN(lane.writer, parts_.make_writer());
      lanes_.push_back(std::move(lane));
    }
    for (Lane& lane : lanes_) free_.push_back(&lane);
    Executor threads("ingest", lanes_.size());
    absl::Status status = ReadAll(threads);
    threads.Stop();
    if (status.ok()) status = failure_;
    if (!status.ok()) return status;
    return summary_;
  }

 private:
  absl::Status ReadAll(Executor& threads) {
    for (;;) {
      Batch batch;
      LINEAL_ASSIGN_OR_RETURN(const bool more, ReadBatch(&batch));
      if (!batch.points.empty()) {
        batch.number = batches_++;
        // The first goes alone: it says how long vectors are, and a mistake shows before there are many.
        if (batch.number == 0) {
          LINEAL_RETURN_IF_ERROR(WriteFirst(&batch));
        } else if (!Hand(threads, std::move(batch))) {
          return absl::OkStatus();  // failure_ says why
        }
      }
      if (!more) return absl::OkStatus();
    }
  }

  // False at the end of the file.
  absl::StatusOr<bool> ReadBatch(Batch* batch) {
    while (batch->points.size() < options_.batch) {
      Record record;
      absl::StatusOr<bool> more = reader_.Next(&record);
      if (more.ok() && !*more) return false;
      absl::Status problem = more.status();
      if (problem.ok()) problem = AddPoint(std::move(record), batch);
      if (!problem.ok()) {
        const bool may_skip = options_.skip_bad && problem.code() == absl::StatusCode::kInvalidArgument;
        if (!may_skip || (!more.ok() && !reader_.recoverable())) return problem;
        ++summary_.skipped;
        if (parts_.skipped) parts_.skipped(problem);
      }
      batch->end = reader_.position();
    }
    return true;
  }

  absl::Status AddPoint(Record record, Batch* batch) {
    if (!shape_) {
      LINEAL_ASSIGN_OR_RETURN(shape_, RecordShape::Make(options_.shape, record));
    }
    LINEAL_ASSIGN_OR_RETURN(ShapedPoint point, shape_->Shape(std::move(record)));
    batch->points.push_back(std::move(point));
    return absl::OkStatus();
  }

  absl::Status WriteFirst(Batch* batch) {
    LINEAL_RETURN_IF_ERROR(Embed(lanes_[0], batch));
    const auto& vectors = batch->points[0].vectors;
    if (parts_.before_first) {
      LINEAL_RETURN_IF_ERROR(parts_.before_first(vectors.empty() ? 0 : vectors[0].values.size()));
    }
    LINEAL_RETURN_IF_ERROR(lanes_[0].writer->Write(batch->points));
    Acknowledge(*batch);
    return absl::OkStatus();
  }

  // Waits for a free lane. False after a failure.
  bool Hand(Executor& threads, Batch batch) {
    Lane* lane = nullptr;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !free_.empty() || !failure_.ok(); });
      if (!failure_.ok()) return false;
      lane = free_.back();
      free_.pop_back();
    }
    auto shared = std::make_shared<Batch>(std::move(batch));
    return threads.Submit([this, lane, shared] {
      absl::Status status = Embed(*lane, shared.get());
      if (status.ok()) status = lane->writer->Write(shared->points);
      if (status.ok()) Acknowledge(*shared);
      std::lock_guard lock(mutex_);
      if (!status.ok() && failure_.ok()) failure_ = status;
      free_.push_back(lane);
      wake_.notify_all();
    });
  }

  absl::Status Embed(Lane& lane, Batch* batch) {
    if (!lane.embedder) return absl::OkStatus();
    std::vector<std::string> texts;
    for (const ShapedPoint& point : batch->points) texts.push_back(point.text);
    LINEAL_ASSIGN_OR_RETURN(std::vector<std::vector<float>> vectors, lane.embedder->Embed(texts));
    for (size_t i = 0; i < vectors.size(); ++i) {
      batch->points[i].vectors = {{options_.shape.vector_name, std::move(vectors[i])}};
    }
    return absl::OkStatus();
  }

  void Acknowledge(const Batch& batch) {
    std::lock_guard lock(mutex_);
    tracker_.Done(batch.number, batch.end);
    summary_.records += batch.points.size();
    if (parts_.acknowledged) parts_.acknowledged(tracker_.watermark(), summary_.records);
  }

  RecordReader& reader_;
  const IngestionOptions& options_;
  const IngestionParts& parts_;
  std::optional<RecordShape> shape_;
  std::vector<Lane> lanes_;
  uint64_t batches_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Lane*> free_;
  absl::Status failure_;
  AckTracker tracker_;
  IngestionSummary summary_;
};

}  // namespace

absl::StatusOr<IngestionSummary> Ingest(RecordReader* reader, const IngestionOptions& options,
                                        const IngestionParts& parts) {
  return Run(reader, options, parts).All();
}

}  // namespace lineal::cli
