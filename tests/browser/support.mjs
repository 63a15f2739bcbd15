// Whole servers of the release build, real Chromium pages, and the trouble they report.
//
// From the environment: LAVENDER_BIN (the server, public/ beside it), CHROMIUM, LAVENDER_NPM (node_modules with
// playwright-core and axe-core), TEST_MONGODB_URI (a replica set), TEST_S3_… (a bucket, scripts/with-s3.sh) and
// LAVENDER_SEED (the seeding tool) for the tests that need them.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const need = (name) => process.env[name] ?? assert.fail(`${name} is not set: run scripts/test.sh browser`);
const tool = createRequire(join(need('LAVENDER_NPM'), 'package.json'));
const { chromium } = tool('playwright-core');

/** Nothing takes this long unless it hangs; milliseconds. */
export const PATIENCE = 20_000;
export const PASSWORD = 'violet otter under 7 bridges';
export const STORES = ['sqlite', 'mongodb'];
/** Where the bytes of files are. */
export const STORAGES = ['folder', 'bucket'];

/** The source of axe-core, to be put into a page. */
export const axeSource = () => readFile(tool.resolve('axe-core/axe.min.js'), 'utf8');

/** axe finds nothing on a page as it is now. */
export async function axe(page) {
  await page.evaluate(await axeSource());
  const found = await page.evaluate(async () => {
    // What fades in, or into another theme, has no colours of its own yet.
    // What is held (a toast under the mouse) does not end.
    const isEnding = (one) => one.playState !== 'paused' && one.effect.getTiming().iterations !== Infinity;
    const ends = document.getAnimations().filter(isEnding);
    await Promise.all(ends.map((one) => one.finished.catch(() => {})));
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' ')}`);
  });
  assert.deepEqual(found, []);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A server process; its port and data outlive kill and restart. */
class Server {
  #child;
  #log = [];

  constructor(folder, port, env) {
    this.folder = folder;
    this.origin = `http://localhost:${port}`;
    this.env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      IP: '127.0.0.1',
      PORT: String(port),
      LAVENDER_DATA: join(folder, 'data'),
      LAVENDER_LIMIT_SCALE: '1000',
      LAVENDER_LOG: 'warn',
      ...env,
    };
  }

  async start() {
    const child = spawn(need('LAVENDER_BIN'), [], { cwd: this.folder, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stderr.on('data', (text) => this.#log.push(String(text)));
    const ready = new Promise((done, fail) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('Lavender is ready at')) done();
        else this.#log.push(`${line}\n`);
      });
      child.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${this.log()}`)));
      child.once('error', fail);
    });
    await within('the server is ready', ready);
    return this;
  }

  log() {
    return this.#log.join('');
  }

  /** SIGKILL: no goodbye. */
  async kill() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** SIGTERM: it ends in order. Returns its exit code. */
  async stop() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = await within('the server ends', gone);
    return code;
  }

  /** Fills the store before the server runs on it. Returns the fixture. */
  async seed(...args) {
    const out = join(this.folder, `fixture-${randomUUID()}.json`);
    const env = { ...this.env, LAVENDER_URL: this.origin };
    const child = spawn(need('LAVENDER_SEED'), ['--out', out, ...args], { cwd: this.folder, env, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, 'the seeding tool succeeds');
    return JSON.parse(await readFile(out, 'utf8'));
  }
}

/** Whether tests on this store can run here; if not, the reason. */
export const without = (store) =>
  store === 'mongodb' && !process.env.TEST_MONGODB_URI ? 'TEST_MONGODB_URI is not set' : false;

/** Whether tests on this storage can run here; if not, the reason. */
export const withoutStorage = (storage) =>
  storage === 'bucket' && !process.env.TEST_S3_ENDPOINT ? 'TEST_S3_ENDPOINT is not set' : false;

/** The settings of a server with this storage. */
export const storedIn = (storage) =>
  storage === 'folder'
    ? {}
    : {
        S3_ENDPOINT: need('TEST_S3_ENDPOINT'),
        S3_BUCKET: need('TEST_S3_BUCKET'),
        S3_ACCESS_KEY_ID: need('TEST_S3_ACCESS_KEY_ID'),
        S3_SECRET_ACCESS_KEY: need('TEST_S3_SECRET_ACCESS_KEY'),
      };

/** Takes a storage away from a server, or gives it back. */
export async function storageIs(there, server, storage) {
  if (storage === 'bucket') return void execFileSync(need('TEST_S3_CTL'), [there ? 'start' : 'stop']);
  const folder = join(server.folder, 'data', 'blobs', '.incoming');
  await (there ? rename(`${folder}-away`, folder) : rename(folder, `${folder}-away`));
}

/** A server that is not started yet, with data of its own. It goes with the test. */
export async function prepare(t, store = 'sqlite', env = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'lavender-browser-'));
  if (store === 'mongodb') {
    const name = `browser_${randomUUID().replaceAll('-', '')}`;
    env = { ...env, MONGODB_URI: need('TEST_MONGODB_URI').replace('/?', `/${name}?`) };
  }
  const server = new Server(folder, await freePort(), env);
  t.after(async () => {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  });
  return server;
}

/** A running server. */
export const serve = async (t, store, env) => (await prepare(t, store, env)).start();

/** A browser that goes with the test, with more `args` if it needs them. */
export async function launch(t, ...args) {
  const browser = await chromium.launch({ executablePath: need('CHROMIUM'), args: ['--no-sandbox', ...args] });
  t.after(() => browser.close());
  return browser;
}

/** What a page must never report: errors, policy violations, markup that did not match at hydration. */
class Watch {
  trouble = [];
  /** While the network or the server is down on purpose, failed requests are no trouble. */
  outage = false;
  /** Requests without an answer, and answers of failure: no trouble by themselves, told when a step fails. */
  failed = [];
  #synced = 0;
  #waiting = [];

  constructor(page) {
    page.on('pageerror', (error) => this.trouble.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      const bad = message.type() === 'error' || /hydrat|mismatch|Content Security Policy|panicked/i.test(text);
      const expected = this.outage && /net::ERR_|WebSocket connection|Failed to load resource|Failed to fetch/.test(text);
      if (bad && !expected) this.trouble.push(`${message.type()}: ${text}`);
    });
    page.on('requestfailed', (request) => this.failed.push(`${request.method()} ${request.url()} ${request.failure()?.errorText}`));
    page.on('response', (answer) => {
      if (answer.status() >= 400) this.failed.push(`${answer.request().method()} ${answer.url()} ${answer.status()}`);
    });
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        if (typeof payload !== 'string' || !payload.startsWith('{"type":"synced"')) return;
        this.#synced += 1;
        this.#waiting.splice(0).forEach((done) => done());
      });
    });
  }

  get synced() {
    return this.#synced;
  }

  /** Resolves when the page has caught up with the server more than `before` times: scripts run and all is live. */
  async live(before = 0) {
    while (this.#synced <= before) {
      await within('the page is live', new Promise((done) => this.#waiting.push(done)));
    }
  }

  check() {
    assert.deepEqual(this.trouble, [], 'the page reports no trouble');
  }
}

/** A watched page with a folder of its own: what `launch` opens are private windows, and those install nothing. */
export async function kept(t, server) {
  const folder = await mkdtemp(join(tmpdir(), 'lavender-profile-'));
  const options = { executablePath: need('CHROMIUM'), args: ['--no-sandbox'], baseURL: server.origin };
  const context = await chromium.launchPersistentContext(folder, options);
  t.after(async () => {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  });
  context.setDefaultTimeout(PATIENCE);
  return { context, ...(await newPage(context)) };
}

/** A page in a context of its own, watched; `options` as of newContext. */
export async function open(browser, server, options = {}) {
  const context = await browser.newContext({ baseURL: server.origin, serviceWorkers: 'block', ...options });
  context.setDefaultTimeout(PATIENCE);
  return { context, ...(await newPage(context)) };
}

/** Another watched page of a context. */
export async function newPage(context) {
  const page = await context.newPage();
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return { page, watch: new Watch(page) };
}

/** Holds requests of a page to a path until the returned function is called. */
export async function hold(page, pattern) {
  let go;
  const gate = new Promise((done) => (go = done));
  await page.route(pattern, async (route) => {
    await gate;
    await route.continue();
  });
  return async () => {
    go();
    await page.unrouteAll({ behavior: 'wait' });
  };
}

/** Adds up, from now on, how much moves that was there. Returns a function that tells, once the last frame is counted. */
export async function shifts(page) {
  await page.evaluate(() => {
    globalThis.shifted = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) globalThis.shifted += value;
    }).observe({ type: 'layout-shift' });
  });
  return () =>
    page.evaluate(async () => {
      for (let n = 0; n < 3; n += 1) await new Promise((done) => requestAnimationFrame(done));
      return globalThis.shifted;
    });
}

/** Registers through the form and waits until the page is live. */
export async function register(browser, server, name, options) {
  const person = { name, username: name.toLowerCase(), ...(await open(browser, server, options)) };
  const { page, watch } = person;
  await page.goto('/register');
  await page.getByRole('textbox', { name: 'Username' }).fill(person.username);
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await page.getByRole('textbox', { name: 'E-mail' }).fill(`${person.username}@example.org`);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await watch.live();
  return person;
}

/** Signs a person of a seeded fixture in by their cookie. */
export async function signedIn(browser, server, user, options) {
  const person = { name: user.name, ...(await open(browser, server, options)) };
  // The devtools protocol takes a __Host- cookie for https only; browsers send it to http://localhost too.
  const url = server.origin.replace('http:', 'https:');
  await person.context.addCookies([
    { name: '__Host-lav_at', value: user.token, url, secure: true, httpOnly: true, sameSite: 'Lax' },
  ]);
  return person;
}

/** Calls a server function as the page's own scripts do. */
export const call = (page, method, path, body) =>
  page.evaluate(
    async ([method, path, body]) => {
      const init = { method, headers: body ? { 'content-type': 'application/json' } : {} };
      const answer = await fetch(path, body ? { ...init, body: JSON.stringify(body) } : init);
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    [method, path, body],
  );

/** A direct room of two signed-in people, by the API: the request's text is its first message. Returns its id. */
export async function connect(from, to, intro = 'Hello there') {
  const [hit] = await call(from.page, 'GET', `/api/people?query=${to.username}`);
  const asked = await call(from.page, 'POST', '/api/requests', { to: hit.person.id, intro });
  const room = await call(to.page, 'POST', `/api/requests/${asked.request.id}/accept`);
  return room.room.id;
}

/** Two people who share a room, of which the first asked with "The first word", and the steps of their story. */
export async function pair(t, env = {}) {
  const server = await serve(t, 'sqlite', env);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben, 'The first word');
  return { server, browser, ann, ben, room, step: steps(t, server, [ann, ben]) };
}

export const message = (page, text) => page.getByTestId('message').filter({ hasText: text });
export const composer = (page) => page.getByRole('textbox', { name: 'Message', exact: true });

/** Writes a message and sends it with Enter. */
export async function say(page, text) {
  await composer(page).fill(text);
  // Under a finger Enter begins a new line.
  const isTouch = await page.evaluate(() => matchMedia('(pointer: coarse)').matches);
  if (isTouch) await page.getByRole('button', { name: 'Send', exact: true }).tap();
  else await composer(page).press('Enter');
}

/** Waits until a message has one of these ticks, and only one row shows it. */
export async function tick(page, text, ...ticks) {
  const row = message(page, text);
  await row.and(page.locator(ticks.map((tick) => `[data-tick="${tick}"]`).join(','))).waitFor();
  assert.equal(await row.count(), 1, `"${text}" is shown once`);
}

/** The rows that are on the page: `{seq, text}` in their order. */
export const rows = (page) =>
  page.getByTestId('message').evaluateAll((all) => all.map((row) => ({ seq: Number(row.dataset.seq), text: row.textContent })));

/** Steps of one story: after one has failed the next ones mean nothing. A failure says what `people` saw. */
export function steps(t, server, people) {
  let failed = false;
  return (name, run) =>
    t.test(name, { skip: failed && 'a step before failed' }, async (step) => {
      try {
        await run(step);
      } catch (error) {
        failed = true;
        for (const { name, page, watch } of people) {
          const seen = await page.locator('body').ariaSnapshot().catch((problem) => problem.message);
          const failed = watch.failed.slice(-20).join('\n');
          step.diagnostic(`${name} at ${page.url()}; trouble: ${JSON.stringify(watch.trouble)}\n${seen}\nfailed requests:\n${failed}`);
        }
        step.diagnostic(`server: ${server.log()}`);
        throw error;
      }
    });
}

/** Fails after PATIENCE, with words. */
export async function within(what, promise) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what}: not within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
