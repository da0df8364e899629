#include "bench/load/bulk_load.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "base/clock.h"
#include "base/status.h"
#include "bench/load/number_filters.h"
#include "lineal/v1/collections.grpc.pb.h"
#include "lineal/v1/points.grpc.pb.h"

namespace lineal::bench {
namespace {

constexpr int kPollMs = 200;
constexpr uint64_t kNeverIndexedKb = uint64_t{1} << 40;
constexpr size_t kIngestRowsPerMessage = 100;
// Times the greatest component.
constexpr float kFarAway = 10;

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

void Authenticate(const BulkTarget& target, grpc::ClientContext* context) {
  if (!target.api_key.empty()) context->AddMetadata("api-key", target.api_key);
}

double SecondsSince(int64_t start_ns) { return 1e-9 * static_cast<double>(SystemClock()->MonotonicNs() - start_ns); }

v1::UpsertRequest BlockOf(const std::string& collection, const Matrix& rows, size_t begin, size_t end) {
  v1::UpsertRequest request;
  request.set_collection(collection);
  v1::PointBlock* block = request.add_blocks();
  for (size_t i = begin; i < end; ++i) block->mutable_ids()->add_numbers(i);
  v1::VectorBlock* vectors = block->add_vectors();
  vectors->set_dim(static_cast<uint32_t>(rows.dim));
  vectors->set_data(rows.row(begin), (end - begin) * rows.dim * sizeof(float));
  return request;
}

void AddNumbers(std::span<const uint32_t> numbers, v1::UpsertRequest* request) {
  for (uint32_t number : numbers) request->mutable_blocks(0)->add_payloads_json(NumberPayload(number));
}

absl::StatusOr<v1::CollectionInfo> InfoOf(const BulkTarget& target) {
  grpc::ClientContext context;
  Authenticate(target, &context);
  v1::CollectionRequest request;
  request.set_collection(target.collection);
  v1::CollectionInfo info;
  LINEAL_RETURN_IF_ERROR(FromGrpc(v1::Collections::NewStub(target.channel)->Get(&context, request, &info)));
  return info;
}

}  // namespace

BulkTarget ConnectBulk(const std::string& address, const std::string& api_key, const std::string& collection) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return {grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments), api_key, collection,
          v1::METRIC_EUCLID};
}

absl::Status DropCollection(const BulkTarget& target) {
  grpc::ClientContext context;
  Authenticate(target, &context);
  v1::CollectionRequest request;
  request.set_collection(target.collection);
  v1::ExistsResponse existed;
  return FromGrpc(v1::Collections::NewStub(target.channel)->Drop(&context, request, &existed));
}

absl::Status CreateFresh(const BulkTarget& target, size_t dim, uint32_t m, uint32_t ef_construct, bool indexed) {
  LINEAL_RETURN_IF_ERROR(DropCollection(target));
  auto stub = v1::Collections::NewStub(target.channel);
  grpc::ClientContext context;
  Authenticate(target, &context);
  v1::CreateCollectionRequest request;
  request.set_collection(target.collection);
  v1::VectorSchema& vector = (*request.mutable_schema()->mutable_vectors())[""];
  vector.set_dim(static_cast<uint32_t>(dim));
  vector.set_metric(target.metric);
  request.mutable_schema()->mutable_hnsw()->set_m(m);
  request.mutable_schema()->mutable_hnsw()->set_ef_construct(ef_construct);
  if (!indexed) request.mutable_schema()->mutable_optimizer()->set_indexing_threshold_kb(kNeverIndexedKb);
  v1::Ack ack;
  return FromGrpc(stub->Create(&context, request, &ack));
}

absl::Status IndexNumbers(const BulkTarget& target) {
  grpc::ClientContext context;
  Authenticate(target, &context);
  v1::CreateFieldIndexRequest request;
  request.set_collection(target.collection);
  request.set_key(kNumberField);
  request.mutable_schema()->set_type(v1::FIELD_TYPE_INTEGER);
  v1::Ack ack;
  return FromGrpc(v1::Collections::NewStub(target.channel)->CreateFieldIndex(&context, request, &ack));
}

absl::StatusOr<double> UploadAll(const BulkTarget& target, const Matrix& rows, size_t rows_per_message,
                                 std::span<const uint32_t> numbers) {
  auto stub = v1::Points::NewStub(target.channel);
  grpc::ClientContext context;
  Authenticate(target, &context);
  const int64_t start_ns = SystemClock()->MonotonicNs();
  auto stream = stub->UpsertStream(&context);
  {
    ServiceThread writer("bench-upload", [&] {
      for (size_t begin = 0; begin < rows.rows(); begin += rows_per_message) {
        const size_t end = std::min(rows.rows(), begin + rows_per_message);
        v1::UpsertRequest request = BlockOf(target.collection, rows, begin, end);
        if (!numbers.empty()) AddNumbers(numbers.subspan(begin, end - begin), &request);
        if (!stream->Write(request)) break;
      }
      stream->WritesDone();
    });
    v1::UpsertStreamResponse answer;
    while (stream->Read(&answer)) {
    }
  }
  LINEAL_RETURN_IF_ERROR(FromGrpc(stream->Finish()));
  return SecondsSince(start_ns);
}

absl::StatusOr<double> AwaitIndexed(const BulkTarget& target, double seconds_max) {
  const int64_t start_ns = SystemClock()->MonotonicNs();
  while (SecondsSince(start_ns) < seconds_max) {
    LINEAL_ASSIGN_OR_RETURN(const v1::CollectionInfo info, InfoOf(target));
    if (info.health() == v1::COLLECTION_HEALTH_GREEN) return SecondsSince(start_ns);
    if (info.health() == v1::COLLECTION_HEALTH_RED) return Internal("the collection is red: ", info.problem());
    // The server has no call that waits for the index: it is asked again and again, and not so often as to be in its
    // way.
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
  }
  return absl::DeadlineExceededError("the collection is not indexed in time");
}

absl::StatusOr<uint64_t> CountIndexed(const BulkTarget& target) {
  LINEAL_ASSIGN_OR_RETURN(const v1::CollectionInfo info, InfoOf(target));
  return info.indexed_vectors();
}

absl::Status FetchTruth(const BulkTarget& target, QuestionSet* questions) {
  auto stub = v1::Points::NewStub(target.channel);
  questions->truth.clear();
  for (v1::SearchRequest request : questions->messages) {
    request.set_exact(true);
    grpc::ClientContext context;
    Authenticate(target, &context);
    v1::SearchResponse answer;
    LINEAL_RETURN_IF_ERROR(FromGrpc(stub->Search(&context, request, &answer)));
    std::vector<uint64_t>& ids = questions->truth.emplace_back();
    for (const v1::ScoredPoint& point : answer.points()) ids.push_back(point.point().id().number());
  }
  return absl::OkStatus();
}

BackgroundIngest::BackgroundIngest(const BulkTarget& target, const Matrix& rows, double rows_per_s)
    : target_(target), rows_(rows), rows_per_s_(rows_per_s), thread_("bench-ingest", [this] { Loop(); }) {}

BackgroundIngest::~BackgroundIngest() {
  stopping_ = true;
  thread_.Join();
}

float FarFrom(const Matrix& rows) {
  float greatest = 1;
  for (float x : rows.values) greatest = std::max(greatest, std::abs(x));
  return kFarAway * greatest;
}

void BackgroundIngest::Loop() {
  auto stub = v1::Points::NewStub(target_.channel);
  grpc::ClientContext context;
  Authenticate(target_, &context);
  auto stream = stub->UpsertStream(&context);
  Matrix moved;
  moved.dim = rows_.dim;
  moved.values.resize(kIngestRowsPerMessage * rows_.dim);
  const float offset = FarFrom(rows_);
  const int64_t start_ns = SystemClock()->MonotonicNs();
  v1::UpsertStreamResponse answer;
  for (uint64_t next = 0; !stopping_; next += kIngestRowsPerMessage) {
    for (size_t i = 0; i < kIngestRowsPerMessage; ++i) {
      const float* row = rows_.row((next + i) % rows_.rows());
      for (size_t d = 0; d < rows_.dim; ++d) moved.values[i * rows_.dim + d] = row[d] + offset;
    }
    v1::UpsertRequest request = BlockOf(target_.collection, moved, 0, kIngestRowsPerMessage);
    for (size_t i = 0; i < kIngestRowsPerMessage; ++i) {
      request.mutable_blocks(0)->mutable_ids()->set_numbers(static_cast<int>(i), rows_.rows() + next + i);
    }
    if (!stream->Write(request) || !stream->Read(&answer)) break;
    acknowledged_ += kIngestRowsPerMessage;
    const double ahead_s = static_cast<double>(acknowledged_) / rows_per_s_ - SecondsSince(start_ns);
    // A given rate is what this load is: it waits whenever it is ahead of it.
    if (ahead_s > 0) std::this_thread::sleep_for(std::chrono::duration<double>(ahead_s));
  }
  stream->WritesDone();
  error_ = stream->Finish().error_message();
}

}  // namespace lineal::bench
