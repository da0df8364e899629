#include "server/mlflow/model_source.h"

#include <gtest/gtest.h>

namespace lineal::server::mlflow {
namespace {

TEST(ModelSource, TakesUrisOfOtherPlaces) {
  for (const char* source :
       {"s3://bucket/path/m", "hf://org/model@main", "https://host/a?b=c", "models:/m/3", "models:/m-0123abcd",
        "runs:/0123/model", "mlflow-artifacts:/0/1/artifacts/m", "dbfs:/databricks/m", "gs://b/a..b/..c/d..",
        "s3://b/100%", "abfss://c@a.net/x", "S3://b/m"}) {
    EXPECT_TRUE(ValidateSource(source).ok()) << source << ": " << ValidateSource(source);
  }
}

TEST(ModelSource, RefusesLocalPathsAndWaysUp) {
  for (const char* source : {"",
                             "/etc/passwd",
                             "relative/path",
                             "./m",
                             "..",
                             "file:///etc/passwd",
                             "FILE:/etc",
                             "file://host/x",
                             "C:\\models",
                             "c:/models",
                             "//host/share",
                             ":x",
                             "1s3://b",
                             "s 3://b",
                             "s3://b/../c",
                             "s3:/b/..",
                             "s3://b/..\\c",
                             "https://h/%2e%2e/x",
                             "https://h/%2E%2e%2fx",
                             "https://h/..%2f..",
                             "https://h/%252e%252e/x",
                             "https://h/a?p=../b",
                             "https://h/a#../b",
                             "https://h/a%23/../b",
                             "mlflow-artifacts://h:1/..%5cx",
                             "https://h/a%00",
                             "https://h/a\nb",
                             "https://h/%25252525252525252525252e"}) {
    EXPECT_EQ(ValidateSource(source).code(), absl::StatusCode::kInvalidArgument) << source;
  }
}

TEST(ModelSource, NamesAnotherVersion) {
  EXPECT_EQ(VersionOfSource("models:/m/3"), (engine::ModelVersionId{"m", 3}));
  EXPECT_EQ(VersionOfSource("models:///a b/12"), (engine::ModelVersionId{"a b", 12}));
  EXPECT_EQ(VersionOfSource("models:/a%20b/12"), (engine::ModelVersionId{"a b", 12}));
  for (const char* source : {"models:/m", "models:/m@live", "models:/m/", "models:/m/Production", "models:/m/3x",
                             "s3://m/3", "models:/m-0123"}) {
    EXPECT_FALSE(VersionOfSource(source)) << source;
  }
}

}  // namespace
}  // namespace lineal::server::mlflow
