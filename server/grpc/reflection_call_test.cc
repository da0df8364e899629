#include "server/grpc/reflection_call.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <gtest/gtest.h>

#include "lineal/v1/points.pb.h"

namespace lineal::server {
namespace {

TEST(Reflection, ListsTheServices) {
  wire::ReflectionRequest request;
  request.set_list_services("*");
  wire::ReflectionResponse answer = AnswerReflection(AllMethods(), request);
  std::vector<std::string> names;
  for (const wire::ServiceName& service : answer.list_services_response().service()) names.push_back(service.name());
  EXPECT_EQ(names, (std::vector<std::string>{"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                             "grpc.reflection.v1alpha.ServerReflection", "lineal.v1.Collections",
                                             "lineal.v1.Points"}));
}

TEST(Reflection, GivesAllFilesThatASymbolNeeds) {
  wire::ReflectionRequest request;
  request.set_file_containing_symbol("lineal.v1.Points.Search");
  wire::ReflectionResponse answer = AnswerReflection(AllMethods(), request);
  // Imports come after what needs them; a client builds them from the back.
  const auto& files = answer.file_descriptor_response().file_descriptor_proto();
  std::vector<google::protobuf::FileDescriptorProto> left(static_cast<size_t>(files.size()));
  for (int i = 0; i < files.size(); ++i) ASSERT_TRUE(left[static_cast<size_t>(i)].ParseFromString(files[i]));
  google::protobuf::SimpleDescriptorDatabase database;
  for (const auto& file : left) ASSERT_TRUE(database.Add(file));
  google::protobuf::DescriptorPool built(&database);
  const auto* method = built.FindMethodByName("lineal.v1.Points.Search");
  ASSERT_NE(method, nullptr);
  EXPECT_NE(method->input_type()->FindFieldByName("ef_search"), nullptr);
}

TEST(Reflection, AnswersNotFoundToAnUnknownName) {
  wire::ReflectionRequest request;
  request.set_file_by_filename("no/such.proto");
  EXPECT_EQ(AnswerReflection(AllMethods(), request).error_response().error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace lineal::server
