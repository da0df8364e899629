// Every RPC the server has, in one place: its path, who may call it, where it runs, and what runs. The gate looks
// methods up here, reflection lists them from here, and the authorization test goes through all of them.
//
// Threads: filled before the server starts, then read by any.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/impl/codegen/async_generic_service.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/strings.h"
#include "server/core/caller.h"
#include "server/core/service.h"
#include "server/grpc/wire_message.h"

namespace lineal::server {

struct CallContext {
  const Service* service = nullptr;
  size_t message_bytes_max = 0;
  Deadline deadline;
  Caller caller;  // of the key, and of the metadata lineal-session and lineal-space
};

// Runs on the work pool. Reads the request and writes the answer.
using UnaryHandler =
    std::function<absl::Status(const CallContext& call, const grpc::ByteBuffer& request, grpc::ByteBuffer* answer)>;

struct Method {
  enum class Shape { kUnary, kUpsertStream, kReflection };
  std::string path;            // "/lineal.v1.Points/Search"
  std::optional<Right> right;  // nothing: open to everybody
  WorkKind work = WorkKind::kRead;
  Shape shape = Shape::kUnary;
  UnaryHandler handle;  // of a unary method
};

class MethodTable {
 public:
  void Add(Method method);
  template <class Request, class Answer>
  void AddUnary(std::string path, std::optional<Right> right, WorkKind work,
                absl::Status (*handle)(const CallContext&, const Request&, Answer*)) {
    Add({std::move(path), right, work, Method::Shape::kUnary,
         [handle](const CallContext& call, const grpc::ByteBuffer& request, grpc::ByteBuffer* answer) {
           google::protobuf::Arena arena;
           auto* in = google::protobuf::Arena::CreateMessage<Request>(&arena);
           auto* out = google::protobuf::Arena::CreateMessage<Answer>(&arena);
           LINEAL_RETURN_IF_ERROR(ParseMessage(request, call.message_bytes_max, in));
           LINEAL_RETURN_IF_ERROR(handle(call, *in, out));
           return SerializeMessage(*out, answer);
         }});
  }
  // Null for an RPC there is not.
  const Method* Find(std::string_view path) const;
  // "lineal.v1.Points" and so on, in byte order.
  std::vector<std::string> Services() const;
  std::vector<const Method*> methods() const;

 private:
  StringMap<Method> methods_;
};

void AddCollectionMethods(MethodTable* table);
void AddWriteMethods(MethodTable* table);
void AddReadMethods(MethodTable* table);
void AddServiceMethods(MethodTable* table);  // health and reflection
// All of the above.
MethodTable AllMethods();

}  // namespace lineal::server
