#include "server/grpc/upsert_stream.h"

#include <utility>

#include "base/status.h"
#include "server/grpc/convert_write.h"
#include "server/grpc/grpc_status.h"

namespace lineal::server {
namespace {

// Received and not yet begun, besides the one being written.
constexpr size_t kMessagesAhead = 2;
// Acknowledgements the client has not taken yet; at this many nothing more is written.
constexpr size_t kAnswersMax = 16;

}  // namespace

UpsertStream::UpsertStream(CallGate* gate, const Method* method, grpc::GenericCallbackServerContext* context,
                           Caller caller, int64_t started_ns)
    : gate_(gate), method_(method), context_(context), caller_(std::move(caller)), started_ns_(started_ns) {
  std::unique_lock lock(mutex_);
  Advance(std::move(lock));
}

void UpsertStream::OnReadDone(bool ok) {
  order_.Take();
  gate_->idle_calls().Remove(context_);
  std::unique_lock lock(mutex_);
  reading_ = false;
  if (!ok) {
    input_ended_ = true;
  } else if (absl::Status held = gate_->HoldBytes(incoming_.Length()); !held.ok()) {
    Fail(held);
  } else {
    held_bytes_ += incoming_.Length();
    messages_.push_back(std::move(incoming_));
    incoming_ = grpc::ByteBuffer();
  }
  Advance(std::move(lock));
}

void UpsertStream::OnWriteDone(bool ok) {
  order_.Take();
  std::unique_lock lock(mutex_);
  answering_ = false;
  answers_.pop_front();
  if (!ok) Fail(absl::CancelledError("the caller has gone"));
  Advance(std::move(lock));
}

void UpsertStream::OnCancel() {
  order_.Take();
  std::unique_lock lock(mutex_);
  current_.Cancel();
  Fail(absl::CancelledError("the caller has gone"));
  Advance(std::move(lock));
}

void UpsertStream::OnDone() {
  order_.Take();
  gate_->idle_calls().Remove(context_);
  gate_->ReleaseBytes(held_bytes_);
  gate_->Observe(method_->path, sent_status_, started_ns_);
  delete this;
}

void UpsertStream::Advance(std::unique_lock<std::mutex> lock) {
  StartReading();
  StartWorking();
  StartAnswering();
  if (!ReadyToFinish()) return;
  finished_ = true;
  sent_status_ = ToGrpc(status_, context_);
  lock.unlock();
  order_.Pass();
  Finish(sent_status_);
}

void UpsertStream::StartReading() {
  if (reading_ || input_ended_ || !status_.ok() || messages_.size() >= kMessagesAhead) return;
  reading_ = true;
  gate_->idle_calls().Add(context_, gate_->MessageDueNs());
  order_.Pass();
  StartRead(&incoming_);
}

void UpsertStream::StartWorking() {
  if (working_ || !status_.ok() || messages_.empty() || answers_.size() >= kAnswersMax) return;
  working_ = true;
  current_ = gate_->DeadlineOf(*context_);
  absl::Status queued = gate_->service().work->Submit(
      method_->work, [this, message = std::move(messages_.front())]() mutable { WriteNext(std::move(message)); });
  messages_.pop_front();
  if (queued.ok()) return;
  working_ = false;
  gate_->service().metrics->CountRefused("overload");
  Fail(Annotate(queued, StrCat("message ", next_index_)));
}

void UpsertStream::StartAnswering() {
  if (answering_ || answers_.empty() || finished_) return;
  answering_ = true;
  order_.Pass();
  StartWrite(&answers_.front());
}

// The first failure is the stream's; what was applied before it is still acknowledged.
void UpsertStream::Fail(const absl::Status& status) {
  if (status_.ok()) status_ = status;
}

bool UpsertStream::ReadyToFinish() const {
  if (finished_ || working_ || answering_ || !answers_.empty()) return false;
  return !status_.ok() || (input_ended_ && messages_.empty());
}

void UpsertStream::WriteNext(grpc::ByteBuffer message) {
  absl::StatusOr<grpc::ByteBuffer> answer = Apply(message);
  gate_->ReleaseBytes(message.Length());
  std::unique_lock lock(mutex_);
  held_bytes_ -= message.Length();
  working_ = false;
  if (answer.ok()) {
    answers_.push_back(*std::move(answer));
    ++next_index_;
  } else {
    Fail(Annotate(answer.status(), StrCat("message ", next_index_)));
  }
  Advance(std::move(lock));
}

absl::StatusOr<grpc::ByteBuffer> UpsertStream::Apply(const grpc::ByteBuffer& message) {
  LINEAL_RETURN_IF_ERROR(current_.Check());
  google::protobuf::Arena arena;
  auto* wire = google::protobuf::Arena::CreateMessage<v1::UpsertRequest>(&arena);
  LINEAL_RETURN_IF_ERROR(ParseMessage(message, gate_->message_bytes_max(), wire));
  if (!wire->collection().empty()) collection_ = wire->collection();
  engine::WriteRequest request;
  LINEAL_ASSIGN_OR_RETURN(engine::UpsertPoints upsert, UpsertFromWire(*wire));
  const size_t points = upsert.points.size();
  request.ops.emplace_back(std::move(upsert));
  request.request_id = wire->request_id();
  request.deadline = current_;
  LINEAL_RETURN_IF_ERROR(Attribute(caller_, gate_->service().database, &request));
  LINEAL_ASSIGN_OR_RETURN(auto collection, gate_->service().database->GetCollection(collection_));
  LINEAL_ASSIGN_OR_RETURN(engine::WriteResult result, collection->Write(std::move(request)));

  v1::UpsertStreamResponse answer;
  answer.set_message_index(next_index_);
  answer.set_points(points);
  WriteResultToWire(result, answer.mutable_result());
  grpc::ByteBuffer bytes;
  LINEAL_RETURN_IF_ERROR(SerializeMessage(answer, &bytes));
  return bytes;
}

}  // namespace lineal::server
