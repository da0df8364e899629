// Starts the program named by LINEAL_BIN on free ports and a data directory of its own, and stops it again.
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const program = process.env.LINEAL_BIN ?? path.join(root, 'build/release/bin/lineal');

export class LiveServer {
    static async start({flags = [], env = {}, dataDir} = {}) {
        if (!existsSync(program)) throw new Error(`no program at ${program}: build it, or set LINEAL_BIN`);
        const server = new LiveServer();
        server.home = dataDir ? undefined : mkdtempSync(path.join(tmpdir(), 'lineal-e2e-'));
        server.dataDir = dataDir ?? path.join(server.home, 'data');
        const args = ['serve', '--data-dir', server.dataDir, '--rest-port', '0', '--grpc-port', '0', ...flags];
        server.child = spawn(program, args, {env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'pipe']});
        server.said = '';
        server.ended = new Promise((resolve) => server.child.once('exit', (code, signal) => resolve({code, signal})));
        await server.#ready();
        return server;
    }

    // The line that names the ports comes once everything is loaded.
    #ready() {
        return new Promise((resolve, reject) => {
            const take = (chunk) => {
                this.said += chunk;
                const found = /rest=(http:\/\/[^\s]+)/.exec(this.said);
                if (!found) return;
                this.url = found[1];
                resolve();
            };
            this.child.stdout.on('data', take);
            this.child.stderr.on('data', (chunk) => (this.said += chunk));
            this.ended.then(({code}) => reject(new Error(`the server ended with ${code}: ${this.said}`)));
        });
    }

    async stop(signal = 'SIGTERM') {
        this.child.kill(signal);
        return this.ended;
    }

    async remove() {
        await this.stop();
        if (this.home) rmSync(this.home, {recursive: true, force: true});
    }
}
