// The few things with-mongo.sh asks of a replica set.
//
//   node mongo.mjs ports N                 prints N free ports
//   node mongo.mjs initiate HOST:PORT...   starts the replica set rs0 and waits until it takes writes
//   node mongo.mjs primary HOST:PORT...    prints the HOST:PORT of the primary, waiting for one
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';

const [what, ...args] = process.argv.slice(2);
const patience_ms = 60_000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function ports(n) {
  const servers = Array.from({ length: n }, () => createServer());
  for (const s of servers) await new Promise((done, fail) => s.once('error', fail).listen(0, '127.0.0.1', done));
  for (const s of servers) console.log(s.address().port);
  for (const s of servers) s.close();
}

/** Asks one node `hello`; undefined while it does not answer. */
async function ask(host, command) {
  const { MongoClient } = createRequire(join(process.env.LAVENDER_NPM, 'package.json'))('mongodb');
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000, connectTimeoutMS: 1_000, socketTimeoutMS: 30_000,
  });
  try {
    return await client.db('admin').command(command);
  } finally {
    await client.close();
  }
}

async function until(what, probe) {
  const end = Date.now() + patience_ms;
  let last;
  while (Date.now() < end) {
    try {
      const found = await probe();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`${what}: not within ${patience_ms / 1000} s${last ? ` (${last.message})` : ''}`);
}

const primary = (hosts) => until('a primary', async () => {
  for (const host of hosts) {
    const hello = await ask(host, { hello: 1 }).catch(() => null);
    if (hello?.isWritablePrimary) return host;
  }
});

async function initiate(hosts) {
  for (const host of hosts) await until(`mongod on ${host}`, () => ask(host, { hello: 1 }));
  await ask(hosts[0], {
    replSetInitiate: {
      _id: 'rs0',
      members: hosts.map((host, _id) => ({ _id, host })),
      // A production set waits 10 s before an election; a test should not.
      settings: { electionTimeoutMillis: 2_000, heartbeatTimeoutSecs: 2 },
    },
  });
  await primary(hosts);
  // Majority writes need a second node that has finished its first sync.
  for (const host of hosts) {
    await until(`${host} in the set`, async () => {
      const hello = await ask(host, { hello: 1 });
      return hello.isWritablePrimary || hello.secondary;
    });
  }
}

switch (what) {
  case 'ports': await ports(Number(args[0])); break;
  case 'initiate': await initiate(args); break;
  case 'primary': console.log(await primary(args)); break;
  default: throw new Error(`mongo.mjs: what is "${what}"?`);
}
