// A Redis of a test's own, on a socket, with the users that deploy/redis ships.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from './support.mjs';

const PASSWORD = 'a-password-of-redis';

/** Whether a Redis can run here; if not, the reason. */
export const withoutRedis = () => (process.env.TEST_REDIS_SERVER ? false : 'TEST_REDIS_SERVER is not set');

/** A running one that goes with the test. `url` is what a server is told; `stop` and `start` as often as wanted. */
export async function redis(t) {
  const folder = await mkdtemp(join(tmpdir(), 'lavender-redis-'));
  const program = join(folder, 'redis-server');
  // Debian's checking tool is the server under another name.
  await symlink(process.env.TEST_REDIS_SERVER, program);
  const shipped = await readFile(new URL('../../deploy/redis/users.acl', import.meta.url), 'utf8');
  await writeFile(join(folder, 'users.acl'), shipped.replace('CHANGE-ME', PASSWORD));
  const socket = join(folder, 'redis.sock');
  let child;
  const answers = () =>
    new Promise((done) => {
      const probe = createConnection(socket);
      probe.once('connect', () => { probe.destroy(); done(true); });
      probe.once('error', () => done(false));
    });
  const start = async () => {
    const args = ['--port', '0', '--save', '', '--unixsocket', socket, '--unixsocketperm', '700', '--aclfile', join(folder, 'users.acl')];
    child = spawn(program, args, { cwd: folder, stdio: 'ignore' });
    const ready = async () => { while (!(await answers())); };
    await within('Redis answers', ready());
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  t.after(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return { url: `redis+unix://${socket}?user=lavender&pass=${PASSWORD}`, start, stop };
}
