#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>

#include "base/clock.h"
#include "bench/load/load_run.h"
#include "lineal/v1/points.grpc.pb.h"

namespace lineal::bench {
namespace {

// A connection and the question it waits for.
struct Asker {
  std::unique_ptr<v1::Points::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::SearchResponse>> reader;
  v1::SearchResponse answer;
  grpc::Status status;
  size_t question = 0;
  int64_t started_ns = 0;
};

std::unique_ptr<v1::Points::Stub> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return v1::Points::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
}

void Ask(const RunOptions& options, const QuestionSet& questions, RunClock* clock, grpc::CompletionQueue* queue,
         Asker* asker) {
  asker->question = clock->NextQuestion();
  asker->context = std::make_unique<grpc::ClientContext>();
  if (!options.api_key.empty()) asker->context->AddMetadata("api-key", options.api_key);
  asker->started_ns = SystemClock()->MonotonicNs();
  asker->reader = asker->stub->AsyncSearch(asker->context.get(), questions.messages[asker->question], queue);
  asker->reader->Finish(&asker->answer, &asker->status, asker);
}

void Take(const Asker& asker, const RunClock& clock, LoadRun* run) {
  if (!asker.status.ok()) {
    if (run->errors++ == 0) run->first_error = asker.status.error_message();
    return;
  }
  clock.Note(asker.started_ns, run);
  std::vector<uint64_t>& answer = run->answers[asker.question].emplace();
  for (const v1::ScoredPoint& point : asker.answer.points()) answer.push_back(point.point().id().number());
}

}  // namespace

LoadRun RunGrpc(const RunOptions& options, const QuestionSet& questions) {
  LoadRun run;
  run.protocol = "gRPC";
  run.connections = options.connections;
  run.answers.resize(questions.messages.size());
  grpc::CompletionQueue queue;
  std::vector<Asker> askers(options.connections);
  for (Asker& asker : askers) asker.stub = Connect(options.address);
  RunClock clock(options, questions.messages.size());
  for (Asker& asker : askers) Ask(options, questions, &clock, &queue, &asker);
  for (size_t waiting = askers.size(); waiting != 0;) {
    void* tag = nullptr;
    bool ok = false;
    if (!queue.Next(&tag, &ok)) break;
    auto* asker = static_cast<Asker*>(tag);
    Take(*asker, clock, &run);
    if (clock.over()) {
      --waiting;
    } else {
      Ask(options, questions, &clock, &queue, asker);
    }
  }
  run.seconds = clock.measured_seconds();
  run.Seal(questions);
  return run;
}

}  // namespace lineal::bench
