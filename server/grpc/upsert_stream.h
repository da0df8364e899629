// One UpsertStream call. Messages are written in order, one at a time, and acknowledged in order, while the next ones
// are already being received; a client that does not read its acknowledgements, or outruns the engine, is stopped by
// flow control.
//
// Threads: gRPC's for the events, one at a time of the work pool's for writing; `mutex_` guards the state between them.
// Deletes itself when gRPC is done with it.
#pragma once

#include <grpcpp/impl/codegen/async_generic_service.h>

#include <deque>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "lineal/v1/points.pb.h"
#include "server/grpc/call_gate.h"
#include "server/grpc/callback_order.h"

namespace lineal::server {

class UpsertStream final : public grpc::ServerGenericBidiReactor {
 public:
  UpsertStream(CallGate* gate, const Method* method, grpc::GenericCallbackServerContext* context, Caller caller,
               int64_t started_ns);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Starts whatever the state allows, and gives the lock back: gRPC may delete the call as soon as it is finished.
  void Advance(std::unique_lock<std::mutex> lock);
  // With mutex_ held.
  void StartReading();
  void StartWorking();
  void StartAnswering();
  bool ReadyToFinish() const;
  void Fail(const absl::Status& status);

  // On the work pool, without the mutex.
  void WriteNext(grpc::ByteBuffer message);
  absl::StatusOr<grpc::ByteBuffer> Apply(const grpc::ByteBuffer& message);

  CallGate* const gate_;
  const Method* const method_;
  grpc::GenericCallbackServerContext* const context_;
  const Caller caller_;
  const int64_t started_ns_;

  CallbackOrder order_;
  std::mutex mutex_;
  std::deque<grpc::ByteBuffer> messages_;  // received, not yet begun
  std::deque<grpc::ByteBuffer> answers_;   // the front one is being sent while answering_
  grpc::ByteBuffer incoming_;
  Deadline current_;  // of the message being written
  bool reading_ = false;
  bool working_ = false;
  bool answering_ = false;
  bool input_ended_ = false;
  bool finished_ = false;
  size_t held_bytes_ = 0;
  absl::Status status_;
  grpc::Status sent_status_;

  // Only the one work item touches these.
  uint64_t next_index_ = 0;
  std::string collection_;
};

}  // namespace lineal::server
