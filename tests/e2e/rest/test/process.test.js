// What only a process can show: keys, data that outlives a restart, and a clean stop.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {QdrantClient} from '@qdrant/js-client-rest';
import {LiveServer} from '../live_server.js';

test('keys open what they should and no more', async () => {
    const server = await LiveServer.start({env: {LINEAL_API_KEY: 'k'.repeat(32), LINEAL_READ_ONLY_API_KEY: 'r'.repeat(32)}});
    try {
        const connect = (apiKey) => new QdrantClient({url: server.url, apiKey, checkCompatibility: false});
        const admin = connect('k'.repeat(32));
        assert.equal(await admin.createCollection('c', {vectors: {size: 2, distance: 'Dot'}}), true);
        const reader = connect('r'.repeat(32));
        assert.equal((await reader.count('c')).count, 0);
        await assert.rejects(reader.deleteCollection('c'), (error) => error.status === 403);
        await assert.rejects(connect('wrong').getCollections(), (error) => error.status === 401);
        assert.equal((await fetch(server.url + '/collections')).status, 401);
        assert.equal((await fetch(server.url + '/')).status, 200);
        assert.equal((await fetch(server.url + '/readyz')).status, 200);
    } finally {
        await server.remove();
    }
});

test('data is there after a stop and after a kill', async () => {
    let server = await LiveServer.start();
    const home = server;
    try {
        let client = new QdrantClient({url: server.url, checkCompatibility: false});
        await client.createCollection('c', {vectors: {size: 2, distance: 'Dot'}, shard_number: 2});
        for (const signal of ['SIGTERM', 'SIGKILL']) {
            const before = (await client.count('c')).count;
            const points = Array.from({length: 100}, (_, i) => ({id: before + i, vector: [i, 1], payload: {i}}));
            await client.upsert('c', {wait: true, points});
            const {code} = await server.stop(signal);
            if (signal === 'SIGTERM') assert.equal(code, 0);
            server = await LiveServer.start({dataDir: home.dataDir});
            client = new QdrantClient({url: server.url, checkCompatibility: false});
            assert.equal((await client.count('c')).count, before + 100);
            const [last] = await client.retrieve('c', {ids: [before + 99], with_vector: true});
            assert.deepEqual([last.payload, last.vector], [{i: 99}, [99, 1]]);
        }
    } finally {
        await server.stop();
        await home.remove();
    }
});
