// Rows of float32 as a .npy file.
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

function headerOf(rows, dim) {
  const described = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`;
  const text = described.padEnd(Math.ceil((10 + described.length + 1) / 64) * 64 - 11) + '\n';
  const bytes = Buffer.alloc(10 + text.length);
  bytes.write('\x93NUMPY\x01\x00', 0, 'latin1');
  bytes.writeUInt16LE(text.length, 8);
  bytes.write(text, 10, 'latin1');
  return bytes;
}

// Writes beside and renames over, so that a file that is there is whole.
export function writeNpy(folder, name, rows, dim) {
  mkdirSync(folder, { recursive: true });
  const part = join(folder, `${name}.part`);
  const file = openSync(part, 'w');
  writeSync(file, headerOf(rows.length, dim));
  const values = new Float32Array(dim);
  for (const row of rows) {
    for (let d = 0; d < dim; d++) values[d] = row[d];
    writeSync(file, new Uint8Array(values.buffer));
  }
  closeSync(file);
  renameSync(part, join(folder, name));
}
