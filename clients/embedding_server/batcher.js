// Texts of many requests joined into batches for a few workers: a batch of 32 costs a quarter, for each text, of what a
// single one does. Texts wait in order; a request's texts may be spread over several batches.
import { Worker } from "node:worker_threads";

export const BATCH_MAX = 32;

export class Batcher {
  #idle = [];
  #workers = [];
  #waiting = []; // {text, resolve, reject}
  #running = new Map(); // job number -> the waiting entries it took
  #nextJob = 1;

  // `makeWorker` gives something with postMessage, on("message") and terminate, like a Worker.
  static async start(count, makeWorker = () => new Worker(new URL("./embed_worker.js", import.meta.url))) {
    const batcher = new Batcher();
    await Promise.all(Array.from({ length: count }, () => batcher.#add(makeWorker())));
    return batcher;
  }

  #add(worker) {
    this.#workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.on("error", (error) => {
        reject(error);
        this.#failAll(error);
      });
      worker.on("message", (message) => {
        if (message.ready) resolve();
        else this.#finish(message);
        this.#idle.push(worker);
        this.#hand();
      });
    });
  }

  get queued() {
    return this.#waiting.length;
  }

  // One vector for each text, in order.
  embed(texts) {
    const all = texts.map((text) => new Promise((resolve, reject) => this.#waiting.push({ text, resolve, reject })));
    this.#hand();
    return Promise.all(all);
  }

  #hand() {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const taken = this.#waiting.splice(0, BATCH_MAX);
      const job = this.#nextJob++;
      this.#running.set(job, taken);
      this.#idle.pop().postMessage({ job, texts: taken.map((entry) => entry.text) });
    }
  }

  #finish({ job, vectors, error }) {
    const taken = this.#running.get(job);
    this.#running.delete(job);
    taken.forEach((entry, i) => (error ? entry.reject(new Error(error)) : entry.resolve(vectors[i])));
  }

  #failAll(error) {
    for (const taken of [...this.#running.values(), this.#waiting]) taken.forEach((entry) => entry.reject(error));
    this.#running.clear();
    this.#waiting = [];
  }

  async stop() {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
