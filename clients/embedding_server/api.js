// The HTTP side: OpenAI's embeddings request and answer, over anything that embeds.
import http from "node:http";

export const MODEL = "universal-sentence-encoder-lite-en";
export const DIMENSIONS = 512;
const BODY_BYTES_MAX = 16 << 20;
const INPUTS_MAX = 2048;
const TEXT_CHARACTERS_MAX = 32_768;
const QUEUED_MAX = 16_384;

class ApiError extends Error {
  constructor(status, message, param = null, type = "invalid_request_error") {
    super(message);
    Object.assign(this, { status, param, type });
  }
}

function readBody(request) {
  return new Promise((resolve, reject) => {
    const parts = [];
    let bytes = 0;
    request.on("data", (part) => {
      bytes += part.length;
      if (bytes <= BODY_BYTES_MAX) parts.push(part);
    });
    request.on("end", () => {
      if (bytes > BODY_BYTES_MAX) reject(new ApiError(413, `the body has ${bytes} bytes, at most ${BODY_BYTES_MAX} are read`));
      else resolve(Buffer.concat(parts).toString("utf8"));
    });
    request.on("error", reject);
  });
}

// The texts of `input`, or an ApiError that names the first bad one.
export function textsOf(input) {
  const texts = Array.isArray(input) ? input : [input];
  if (texts.length === 0 || texts.length > INPUTS_MAX) {
    throw new ApiError(400, `input has ${texts.length} texts, allowed are 1 to ${INPUTS_MAX}`, "input");
  }
  texts.forEach((text, i) => {
    if (typeof text !== "string") throw new ApiError(400, `input ${i} is no text; tokens are not taken`, "input");
    if (text.trim() === "") throw new ApiError(400, `input ${i} is empty`, "input");
    if (text.length > TEXT_CHARACTERS_MAX) {
      throw new ApiError(400, `input ${i} has ${text.length} characters, at most ${TEXT_CHARACTERS_MAX} are allowed`, "input");
    }
  });
  return texts;
}

export function encode(vector, format) {
  if (format !== "base64") return vector;
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((component, i) => bytes.writeFloatLE(component, i * 4));
  return bytes.toString("base64");
}

function parse(text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, `the body is no JSON: ${error.message}`);
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) throw new ApiError(400, "the body is no JSON object");
  const format = body.encoding_format ?? "float";
  if (format !== "float" && format !== "base64") {
    throw new ApiError(400, `encoding_format is float or base64, got ${JSON.stringify(format)}`, "encoding_format");
  }
  if (body.dimensions !== undefined && body.dimensions !== null && body.dimensions !== DIMENSIONS) {
    throw new ApiError(400, `dimensions is ${JSON.stringify(body.dimensions)}, this model has ${DIMENSIONS}`, "dimensions");
  }
  return { texts: textsOf(body.input), format, model: typeof body.model === "string" ? body.model : MODEL };
}

async function embeddings(embedder, request) {
  const { texts, format, model } = parse(await readBody(request));
  if (embedder.queued > QUEUED_MAX) throw new ApiError(429, "too many texts are waiting", null, "overloaded");
  const vectors = await embedder.embed(texts);
  // Words stand in for tokens, which the model does not report.
  const words = texts.reduce((sum, text) => sum + text.trim().split(/\s+/).length, 0);
  return {
    object: "list",
    model,
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: encode(vector, format) })),
    usage: { prompt_tokens: words, total_tokens: words },
  };
}

const routes = {
  "/health": { GET: async () => ({ status: "ok" }) },
  "/v1/models": {
    GET: async () => ({ object: "list", data: [{ id: MODEL, object: "model", created: 0, owned_by: "local" }] }),
  },
  "/v1/embeddings": { POST: embeddings },
};

// An http.Server, not listening yet. `embedder` has embed(texts) and queued.
export function makeServer(embedder) {
  return http.createServer(async (request, response) => {
    const send = (status, body, headers = {}) => {
      const text = JSON.stringify(body);
      response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...headers });
      response.end(text);
    };
    try {
      const route = routes[request.url.split("?")[0].replace(/\/+$/, "")];
      if (!route) throw new ApiError(404, `there is no ${request.url}`);
      if (!route[request.method]) throw new ApiError(405, `${request.url} takes ${Object.keys(route).join(", ")}`);
      send(200, await route[request.method](embedder, request));
    } catch (error) {
      const status = error.status ?? 500;
      const body = { error: { message: error.message, type: error.type ?? "server_error", param: error.param ?? null, code: null } };
      send(status, body, status === 429 ? { "retry-after": "1" } : {});
    }
  });
}
