#include "bench/load/steady_load.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/clock.h"

namespace lineal::bench {
namespace {

// Rows that are added are of the kind that is there: each a little way from one towards another.
constexpr float kMove = 0.1f;
constexpr uint64_t kStride = 7'919;

int64_t NowNs() { return SystemClock()->MonotonicNs(); }

}  // namespace

SteadyLoad::SteadyLoad(const BulkTarget& target, const Matrix& rows, const SteadyLoadOptions& options,
                       uint64_t* next_id)
    : target_(target),
      rows_(rows),
      options_(options),
      next_id_(next_id),
      start_ns_(NowNs()),
      stub_(v1::Points::NewStub(target.channel)) {
  if (!target_.api_key.empty()) context_.AddMetadata("api-key", target_.api_key);
  stream_ = stub_->UpsertStream(&context_);
  writer_ = ServiceThread("bench-write", [this] { Write(); });
  reader_ = ServiceThread("bench-acks", [this] { Read(); });
}

v1::UpsertRequest SteadyLoad::NextMessage() {
  v1::UpsertRequest request;
  request.set_collection(target_.collection);
  v1::PointBlock* block = request.add_blocks();
  std::vector<float> moved(options_.rows_per_message * rows_.dim);
  for (size_t i = 0; i < options_.rows_per_message; ++i) {
    const uint64_t id = (*next_id_)++;
    const float* row = rows_.row(id % rows_.rows());
    const float* towards = rows_.row(id * kStride % rows_.rows());
    for (size_t d = 0; d < rows_.dim; ++d) moved[i * rows_.dim + d] = row[d] + kMove * (towards[d] - row[d]);
    block->mutable_ids()->add_numbers(id);
  }
  v1::VectorBlock* vectors = block->add_vectors();
  vectors->set_dim(static_cast<uint32_t>(rows_.dim));
  vectors->set_data(moved.data(), moved.size() * sizeof(float));
  return request;
}

void SteadyLoad::Write() {
  uint64_t rows = 0;
  while (!stopping_) {
    const v1::UpsertRequest request = NextMessage();
    {
      std::unique_lock lock(mutex_);
      answered_.wait(lock, [this] { return ended_ || sent_ns_.size() < options_.messages_in_flight; });
      if (ended_) break;
      sent_ns_.push_back(NowNs());
    }
    if (!stream_->Write(request)) break;
    rows += options_.rows_per_message;
    if (options_.rows_per_s <= 0) continue;
    const double due_s = static_cast<double>(rows) / options_.rows_per_s;
    const double ahead_s = due_s - 1e-9 * static_cast<double>(NowNs() - start_ns_);
    // A given rate is what this load is: it waits whenever it is ahead of it.
    if (ahead_s > 0) std::this_thread::sleep_for(std::chrono::duration<double>(ahead_s));
  }
  stream_->WritesDone();
}

void SteadyLoad::Read() {
  const int64_t begin_ns = start_ns_ + static_cast<int64_t>(1e9 * options_.warm_up_seconds);
  v1::UpsertStreamResponse answer;
  while (stream_->Read(&answer)) {
    const int64_t now_ns = NowNs();
    std::lock_guard lock(mutex_);
    if (now_ns >= begin_ns && !stopping_) {
      result_.rows += options_.rows_per_message;
      result_.seconds = 1e-9 * static_cast<double>(now_ns - begin_ns);
      result_.latencies_ms.push_back(1e-6f * static_cast<float>(now_ns - sent_ns_.front()));
    }
    sent_ns_.pop_front();
    answered_.notify_one();
  }
  std::lock_guard lock(mutex_);
  ended_ = true;
  answered_.notify_one();
}

SteadyLoadResult SteadyLoad::Stop() {
  stopping_ = true;
  writer_.Join();
  reader_.Join();
  if (!stopped_) {
    stopped_ = true;
    result_.error = stream_->Finish().error_message();
    std::ranges::sort(result_.latencies_ms);
  }
  return result_;
}

float QuantileOf(const std::vector<float>& sorted_ms, double share) {
  if (sorted_ms.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(sorted_ms.size()));
  return sorted_ms[std::min(at, sorted_ms.size() - 1)];
}

}  // namespace lineal::bench
