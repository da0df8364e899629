// Models and versions in MLflow's JSON. What is empty is left out, as its own server does.
#pragma once

#include <vector>

#include "engine/api/models.h"
#include "engine/payload/value.h"

namespace lineal::server::mlflow {

engine::Value AnswerOf(const engine::ModelVersion& version);
engine::Value AnswerOf(const std::vector<engine::ModelVersion>& versions);
// `latest`: the newest version of each stage.
engine::Value AnswerOf(const engine::RegisteredModel& model, const std::vector<engine::ModelVersion>& latest);
// {name: value}
engine::Value Wrapped(std::string_view name, engine::Value value);

}  // namespace lineal::server::mlflow
