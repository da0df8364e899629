#include "server/grpc/reflection_call.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "server/grpc/grpc_status.h"

namespace lineal::server {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// A request for reflection is a name; nothing longer is looked at.
constexpr size_t kRequestBytesMax = 64 << 10;

void SetError(grpc::StatusCode code, std::string message, wire::ReflectionResponse* answer) {
  answer->mutable_error_response()->set_error_code(code);
  answer->mutable_error_response()->set_error_message(std::move(message));
}

// The file and all it imports, imports last.
void AddFile(const FileDescriptor* root, wire::ReflectionResponse* answer) {
  if (root == nullptr) return SetError(grpc::StatusCode::NOT_FOUND, "nothing of that name", answer);
  std::vector<const FileDescriptor*> files = {root};
  std::set<const FileDescriptor*> seen = {root};
  for (size_t i = 0; i < files.size(); ++i) {
    google::protobuf::FileDescriptorProto proto;
    files[i]->CopyTo(&proto);
    answer->mutable_file_descriptor_response()->add_file_descriptor_proto(proto.SerializeAsString());
    for (int d = 0; d < files[i]->dependency_count(); ++d) {
      if (seen.insert(files[i]->dependency(d)).second) files.push_back(files[i]->dependency(d));
    }
  }
}

}  // namespace

wire::ReflectionResponse AnswerReflection(const MethodTable& methods, const wire::ReflectionRequest& request) {
  const DescriptorPool* pool = DescriptorPool::generated_pool();
  wire::ReflectionResponse answer;
  answer.set_valid_host(request.host());
  *answer.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case wire::ReflectionRequest::kListServices:
      for (const std::string& service : methods.Services()) {
        answer.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    case wire::ReflectionRequest::kFileByFilename:
      AddFile(pool->FindFileByName(request.file_by_filename()), &answer);
      break;
    case wire::ReflectionRequest::kFileContainingSymbol:
      AddFile(pool->FindFileContainingSymbol(request.file_containing_symbol()), &answer);
      break;
    case wire::ReflectionRequest::kFileContainingExtension:
    case wire::ReflectionRequest::kAllExtensionNumbersOfType:
      SetError(grpc::StatusCode::NOT_FOUND, "there are no extensions", &answer);
      break;
    case wire::ReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      SetError(grpc::StatusCode::INVALID_ARGUMENT, "the request asks for nothing", &answer);
      break;
  }
  return answer;
}

ReflectionCall::ReflectionCall(CallGate* gate, const Method* method, grpc::GenericCallbackServerContext* context,
                               int64_t started_ns)
    : gate_(gate), method_(method), context_(context), started_ns_(started_ns) {
  ReadNext();
}

void ReflectionCall::ReadNext() {
  gate_->idle_calls().Add(context_, gate_->MessageDueNs());
  order_.Pass();
  StartRead(&message_);
}

void ReflectionCall::OnReadDone(bool ok) {
  order_.Take();
  gate_->idle_calls().Remove(context_);
  if (!ok) return End(absl::OkStatus());
  if (message_.Length() > kRequestBytesMax) {
    return End(OutOfRange("reflection request has ", message_.Length(), " bytes, the limit is ", kRequestBytesMax));
  }
  wire::ReflectionRequest request;
  absl::Status parsed = ParseMessage(message_, kRequestBytesMax, &request);
  if (!parsed.ok()) return End(parsed);
  absl::Status serialized = SerializeMessage(AnswerReflection(gate_->methods(), request), &answer_);
  if (!serialized.ok()) return End(serialized);
  order_.Pass();
  StartWrite(&answer_);
}

void ReflectionCall::OnWriteDone(bool ok) {
  order_.Take();
  if (!ok) return End(absl::CancelledError("the caller has gone"));
  ReadNext();
}

void ReflectionCall::End(const absl::Status& status) {
  status_ = ToGrpc(status);
  order_.Pass();
  Finish(status_);
}

void ReflectionCall::OnDone() {
  order_.Take();
  gate_->Observe(method_->path, status_, started_ns_);
  delete this;
}

}  // namespace lineal::server
