// Writes the embedded descriptions of the machine's Debian packages as base.npy and queries.npy (float32) into the
// folder named by the first argument; base.txt and queries.txt have their texts, a line a row. 1,000 descriptions, chosen
// by a hash, are queries and no rows; of equal descriptions one is taken.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIMENSIONS } from '../../clients/embedding_server/api.js';
import { Batcher } from '../../clients/embedding_server/batcher.js';
import { aptText, stanzas } from '../../clients/quickstart/debian_packages.mjs';
import { writeNpy } from './npy.mjs';

const QUERIES = 1000;
const ROWS_MIN = 10_000;
const WORKERS = 2;
const TEXTS_A_TURN = 512;

const hash = (text) => createHash('sha256').update(text).digest('hex');

async function descriptions() {
  const texts = new Set();
  for await (const fields of stanzas(aptText())) {
    const summary = (fields['description-en'] ?? fields.description ?? '').split('\n')[0].trim();
    if (summary !== '') texts.add(summary);
  }
  if (texts.size < ROWS_MIN) {
    throw new Error(`apt knows only ${texts.size} descriptions, at least ${ROWS_MIN} are needed; run \`apt-get update\` as root`);
  }
  return [...texts].map((text) => ({ text, key: hash(text) })).sort((a, b) => (a.key < b.key ? -1 : 1)).map((item) => item.text);
}

async function embedded(texts) {
  const batcher = await Batcher.start(WORKERS);
  const vectors = [];
  const started = performance.now();
  for (let begin = 0; begin < texts.length; begin += TEXTS_A_TURN) {
    vectors.push(...(await batcher.embed(texts.slice(begin, begin + TEXTS_A_TURN))));
    const left = (((performance.now() - started) / 1000) * (texts.length - vectors.length)) / vectors.length;
    process.stderr.write(`\rembedding ${vectors.length} of ${texts.length} descriptions, ${left.toFixed(0)} s left   `);
  }
  process.stderr.write('\n');
  await batcher.stop();
  return vectors.map((vector) => Float32Array.from(vector));
}

async function main(folder) {
  const texts = await descriptions();
  const vectors = await embedded(texts);
  mkdirSync(folder, { recursive: true });
  const parts = { queries: [0, QUERIES], base: [QUERIES, texts.length] };
  for (const [name, [begin, end]] of Object.entries(parts)) {
    writeFileSync(join(folder, `${name}.txt`), texts.slice(begin, end).map((text) => `${text}\n`).join(''));
    writeNpy(folder, `${name}.npy`, vectors.slice(begin, end), DIMENSIONS);
  }
}

if (!process.argv[2]) {
  console.error('usage: node debian.mjs FOLDER');
  process.exit(2);
}
main(process.argv[2]).catch((error) => {
  console.error(`debian.mjs: ${error.message}`);
  process.exit(1);
});
