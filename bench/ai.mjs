// What a language model behind the assistant costs: Lavender's share of the time to a first token, and what answers that are being
// written do to messages between people. `make bench-ai`; see README.md.
//
//   LAVENDER_BIN=server node --experimental-websocket bench/ai.mjs
//
// LAVENDER_BIN is a server with public/ beside it. With TEST_MODEL_URL, TEST_MODEL_KEY and TEST_MODEL_NAME (scripts/with-model.sh) a
// real model is asked, too. QUESTIONS, SECS and ROUNDS make a run shorter or longer.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const number = (name, usual, most) => {
  const value = Number(process.env[name] ?? usual);
  assert.ok(Number.isInteger(value) && value >= 1 && value <= most, `${name} is a whole number from 1 to ${most}`);
  return value;
};
const QUESTIONS = number('QUESTIONS', 100, 10_000);
const ROUNDS = number('ROUNDS', 3, 100);
/** Of each round. An answer may have 4,000 characters, so it can't be written for much longer. */
const SECS = number('SECS', 10, 12);
/** The first ones are not counted: connections are opened, and what the model can do is found out. */
const WARM_UP = 5;
const LEAD_MS = 100;
const WRITTEN_AT_ONCE = 10;
const TOKENS_PER_S = 50;
/** Of each of the two. */
const MESSAGES_PER_S = 20;
/** What others may use of a core, in per cent, before a table says that it is noisy. */
const NOISE_PCT = 25;
const REAL_QUESTIONS = 10;
const REAL_TOKENS = 100;
/** Nothing takes this long unless it hangs; milliseconds. A real model on one core may. */
const PATIENCE = 30_000;
const REAL_PATIENCE = 180_000;

/** Milliseconds of a clock that all threads share, unlike performance.now(). */
const now = () => Number(process.hrtime.bigint()) / 1e6;
const say = (text) => process.stderr.write(`${text}\n`);

async function within(what, promise, ms = PATIENCE) {
  const timer = new AbortController();
  const late = sleep(ms, null, timer).then(() => assert.fail(`${what}: not within ${ms / 1000} s`));
  late.catch(() => {});
  return Promise.race([promise, late]).finally(() => timer.abort());
}

/** Somebody with an account and, once connected, one socket. */
class Person {
  #socket;
  #lost;
  #last = 0;
  #asked = new Map();
  #watching = new Set();

  constructor({ origin, name, cookie }) {
    Object.assign(this, { origin, name, cookie });
  }

  static async register(origin, name) {
    const body = new URLSearchParams({ username: name, display_name: name, email: `${name}@example.org`, password: 'violet otter under 7 bridges' });
    const answer = await fetch(`${origin}/auth/register`, { method: 'POST', redirect: 'manual', headers: { origin }, body });
    const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]).filter((one) => one.startsWith('__Host-lav_at=')).join('');
    assert.ok(answer.status === 303 && cookie, `${name} can't register: ${answer.status}`);
    return new Person({ origin, name, cookie });
  }

  /** What another thread needs to be this person. */
  get ticket() {
    return { origin: this.origin, name: this.name, cookie: this.cookie };
  }

  async api(method, path, body) {
    const headers = { origin: this.origin, cookie: this.cookie, 'content-type': 'application/json' };
    const answer = await fetch(this.origin + path, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.json();
  }

  async connect() {
    const socket = new WebSocket(`${this.origin.replace('http', 'ws')}/api/live`, { headers: { origin: this.origin, cookie: this.cookie } });
    this.#socket = socket;
    this.#lost = new Promise((_, fail) => (socket.onclose = ({ code }) => fail(new Error(`the socket of ${this.name} was closed: ${code}`))));
    this.#lost.catch(() => {});
    const synced = new Promise((done) => {
      socket.onopen = () => this.command({ type: 'hello', protocol: 1, rooms: {}, cursor: null });
      socket.onmessage = ({ data }) => {
        const at = now();
        const frame = JSON.parse(data);
        if (frame.type === 'synced') done();
        else if (frame.type === 'event') for (const see of this.#watching) see(frame.event, at);
        else if (frame.id) this.#asked.get(frame.id)?.({ ...frame, at });
      };
    });
    await within(`${this.name} is connected`, Promise.race([synced, this.#lost]));
  }

  /** The answer, and when it came. `hello` has none but `synced`. */
  async command(command) {
    const id = (this.#last += 1);
    const answer = new Promise((done) => this.#asked.set(id, done));
    this.#socket.send(JSON.stringify({ id, command }));
    if (command.type === 'hello') return null;
    const frame = await within(`${command.type} is answered`, Promise.race([answer, this.#lost]));
    this.#asked.delete(id);
    assert.ok(frame.type === 'ack' || frame.type === 'done', `${command.type} was refused: ${JSON.stringify(frame.error)}`);
    return frame;
  }

  /** Shows each event and its time to a function, until what is returned is called. */
  watch(see) {
    this.#watching.add(see);
    return () => this.#watching.delete(see);
  }

  send(room, body, txn_id = randomUUID()) {
    return this.command({ type: 'send', room_id: room, txn_id, body });
  }

  /** The next answer in a room: when its first text is there, and how it ended. */
  answer(room, patience = PATIENCE) {
    let id, begin, end, unwatch;
    let first = null, growths = 0;
    const begun = new Promise((done) => (begin = done));
    const ended = new Promise((done) => (end = done));
    unwatch = this.watch((event, at) => {
      const { message } = event;
      if (event.type === 'message' && message.room_id === room && message.extra?.kind === 'answer') id ??= message.id;
      if (!id || (event.message_id ?? message?.id) !== id) return;
      if (event.type === 'grown') growths += 1;
      if (first === null && (event.text ?? message?.body)) begin((first = at));
      const state = message?.extra?.state.kind;
      if (!state || state === 'writing') return;
      begin(null);
      end({ first, at, growths, state, why: message.extra.state.why, to: message.extra.to, body: message.body });
    });
    const limited = (what, promise) => within(`${what} of an answer at ${this.name}`, Promise.race([promise, this.#lost]), patience);
    return { begun: limited('the first text', begun), ended: limited('the end', ended).finally(() => unwatch()) };
  }
}

/** Asks in a room, and waits until all have the whole answer. The first one asks. */
async function ask(people, room, question, patience) {
  const answers = people.map((person) => person.answer(room, patience).ended);
  const sent = now();
  const [ack, ...ends] = await Promise.all([people[0].send(room, `/ai ${question}`), ...answers]);
  for (const { state, why, to, first, body } of ends) {
    assert.ok(['done', 'cut'].includes(state) && first && body, `an answer is ${state}${why ? `: ${why}` : ''}`);
    assert.equal(to, ack.message_id, 'it answers what was asked');
    assert.equal(body, ends[0].body, 'all have the same');
  }
  return { sent, ends };
}

// ---- The other thread: the model, and those who read along. Whoever is timed has a thread of their own.

const WORDS = ['hill', 'bees', 'sun', 'dry', 'soil', 'bed', 'seed', 'rain', 'wind', 'leaf', 'oil', 'dew'];

/** A server that speaks Chat Completions: scripted, or in front of a real one, to see what that takes itself. */
class Model {
  /** How many tokens an answer has; until `finish` where that is not bounded. */
  tokens = 10;
  /** A chunk without text comes so long before the first token, with some chance in it; milliseconds. */
  lead_ms = 0;
  behind = null;
  #records = [];
  #open = new Set();

  async start() {
    const server = createHttpServer((request, response) => this.#serve(request, response).catch(() => response.destroy()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${server.address().port}/v1`;
  }

  /** When answers were asked for, begun and ended, since the last call; and how long they were. */
  records() {
    return this.#records.splice(0);
  }

  finish() {
    for (const end of this.#open) end();
  }

  async #serve(request, response) {
    const asked = now();
    let body = '';
    for await (const piece of request) body += piece;
    if (request.method !== 'POST') return void response.writeHead(404).end();
    const { messages } = JSON.parse(body);
    // Beside answers there are probes and summaries.
    const record = { asked, first: null, last: null, tokens: 0, text: '' };
    if (/^Answer m\d/m.test(messages.at(-1).content)) this.#records.push(record);
    else if (!this.behind) return this.#write(response, record, 1);
    return this.behind ? this.#pass(request, body, response, record) : this.#write(response, record, this.tokens);
  }

  async #write(response, record, tokens) {
    const chunk = (delta, finish_reason = null) => `data: ${JSON.stringify({ choices: [{ delta, finish_reason }] })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (this.lead_ms) {
      response.write(chunk({ role: 'assistant', content: '' }));
      await sleep(this.lead_ms * (1 + Math.random()));
    }
    return new Promise((done) => {
      const end = () => {
        clearInterval(timer);
        this.#open.delete(end);
        response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
        done();
      };
      // By the clock: an interval alone falls behind on a busy machine.
      const due = () => Math.min(tokens, 1 + Math.floor(((now() - record.first) * TOKENS_PER_S) / 1000));
      const write = () => {
        record.first ??= now();
        while (record.tokens < due()) {
          const content = `${WORDS[record.tokens % WORDS.length]} `;
          response.write(chunk({ content }));
          record.text += content;
          record.tokens += 1;
          record.last = now();
        }
        if (record.tokens >= tokens) end();
      };
      const timer = setInterval(write, 1000 / TOKENS_PER_S);
      this.#open.add(end);
      response.once('close', end);
      write();
    });
  }

  async #pass(request, body, response, record) {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const headers = { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' };
    const answer = await fetch(this.behind + request.url.replace(/^\/v1/, ''), { method: 'POST', headers, body, signal: gone.signal });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') });
    const read = new TextDecoder();
    let rest = '';
    for await (const bytes of answer.body) {
      const at = now();
      response.write(bytes);
      const lines = (rest + read.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (!/"content":"./.test(line)) continue;
        record.first ??= at;
        record.last = at;
        record.tokens += 1;
      }
    }
    response.end();
  }
}

async function load() {
  const model = new Model();
  let rooms = [], ends = [];
  const can = {
    start: () => model.start(),
    records: () => model.records(),
    be: (settings) => void Object.assign(model, settings),
    async join(given) {
      rooms = given.map(({ room, people }) => ({ room, people: people.map((ticket) => new Person(ticket)) }));
      await Promise.all(rooms.flatMap(({ people }) => people.map((person) => person.connect())));
    },
    /** Asks in every room; returns when everybody in them sees an answer grow. */
    async begin() {
      const answers = rooms.flatMap(({ room, people }) => people.map((person) => person.answer(room)));
      ends = Promise.all(answers.map(({ ended }) => ended));
      ends.catch(() => {});
      await Promise.all(rooms.map(({ room, people: [asker] }) => asker.send(room, '/ai how do herbs grow on a hill?')));
      const begun = await Promise.all(answers.map(({ begun }) => begun));
      assert.ok(begun.every(Boolean), 'all answers begin');
    },
    /** Ends them; returns how fast they were written, and how often they grew for each who read along. */
    async end() {
      model.finish();
      const [seen, written] = [await ends, model.records()];
      assert.equal(written.length, rooms.length, 'every question was asked once');
      const texts = written.map(({ text }) => text.trim()).sort();
      for (const { state, why } of seen) assert.equal(state, 'done', `an answer is ${state}: ${why}`);
      // Each is seen by two.
      assert.deepEqual(seen.map(({ body }) => body).sort(), texts.flatMap((text) => [text, text]), 'all of every answer is there');
      const seconds = written.map(({ first, last }) => (last - first) / 1000);
      const tokens_per_s = written.map(({ tokens }, n) => (tokens - 1) / seconds[n]);
      return { tokens_per_s: mean(tokens_per_s), growths_per_s: mean(seen.map(({ growths }) => growths)) / mean(seconds) };
    },
  };
  parentPort.on('message', async ({ id, what, args }) => {
    try {
      parentPort.postMessage({ id, value: await can[what](...args) });
    } catch (error) {
      parentPort.postMessage({ id, problem: error.message });
    }
  });
}

/** A thread with a model, and a function that has it do things. */
function another() {
  const worker = new Worker(new URL(import.meta.url));
  const open = new Map();
  let last = 0;
  worker.unref();
  worker.on('error', (error) => open.forEach(({ fail }) => fail(error)));
  worker.on('message', ({ id, value, problem }) => {
    const { done, fail } = open.get(id);
    open.delete(id);
    if (open.size === 0) worker.unref();
    if (problem === undefined) done(value);
    else fail(new Error(problem));
  });
  return (what, ...args) =>
    new Promise((done, fail) => {
      open.set((last += 1), { done, fail });
      worker.ref();
      worker.postMessage({ id: last, what, args });
    });
}

// ---- Servers

const undo = [];

async function serve(env) {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  const folder = mkdtempSync(join(tmpdir(), 'lavender-bench-ai-'));
  const origin = `http://127.0.0.1:${port}`;
  const child = spawn(resolve(process.env.LAVENDER_BIN), [], {
    // Not the caller's folder: a .env there would be read.
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      IP: '127.0.0.1',
      PORT: String(port),
      LAVENDER_URL: origin,
      LAVENDER_DATA: join(folder, 'data'),
      LAVENDER_LOG: 'warn',
      LAVENDER_LIMIT_SCALE: '1000',
      LAVENDER_MODEL_PER_PERSON: '1000000',
      LAVENDER_MODEL_PER_ROOM: '1000000000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const log = [];
  undo.push((code) => {
    stop();
    if (code === 1 && log.length) say(`the server's log:\n${log.join('\n')}`);
  });
  const ready = new Promise((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => (line.startsWith('Lavender is ready at') ? done() : log.push(line)));
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}`)));
  });
  await within('the server is ready', ready);
  return { origin, pid: child.pid, stop };
}

/** Two people with a direct room, and a group of them and the assistant. */
async function three(origin, ...names) {
  const [one, two] = await Promise.all(names.map((name) => Person.register(origin, name)));
  const found = async (name) => (await one.api('GET', `/api/people?query=${name}`)).find(({ person }) => person.username === name).person.id;
  const members = [await found(two.name), await found('lavender')];
  const { request } = await one.api('POST', '/api/requests', { to: members[0], intro: 'Hello' });
  const direct = (await two.api('POST', `/api/requests/${request.id}/accept`)).room.id;
  const { room, added } = await one.api('POST', '/api/rooms', { room_id: randomUUID(), name: 'Garden', description: '', members });
  assert.equal(added.added.length, 2, 'both are in the group');
  return { people: [one, two], direct, room: room.room.id };
}

// ---- What is measured

const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
const at = (list, share) => list.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * list.length) - 1)];

/** Seconds of all cores so far: of the server, of this process, and of everything. */
function used(pid) {
  const ticks = process.platform === 'linux' ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ') : [];
  const { user, system } = process.cpuUsage();
  const busy = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { server: (Number(ticks[11]) + Number(ticks[12])) / 100, own: (user + system) / 1e6, all: busy / 1000, at: now() / 1000 };
}

/** Per cent of one core, between two times. */
function between(before, after) {
  const share = (key) => (100 * (after[key] - before[key])) / (after.at - before.at);
  return { server: share('server'), foreign: Math.max(0, share('all') - share('server') - share('own')) };
}

/** Both write to each other at an even rate, whatever becomes of what they wrote. Nothing may be lost. */
async function converse(people, room, pid) {
  const found = { ack: [], receipt: [], late: [] };
  const sent = new Map();
  const unwatch = people.map((person) =>
    person.watch(({ type, message }, when) => {
      const one = type === 'message' && sent.get(message.txn_id);
      if (!one || one.by === person) return;
      sent.delete(message.txn_id);
      found.receipt.push(when - one.at);
      one.received();
    }),
  );
  const open = [];
  const [before, start, gap] = [used(pid), now() + 50, 1000 / MESSAGES_PER_S / 2];
  for (let n = 0; n < 2 * MESSAGES_PER_S * SECS; n += 1) {
    const planned = start + n * gap;
    // Timers cut off what is less than a millisecond.
    await sleep(Math.max(0, Math.ceil(planned - now())));
    const [by, txn_id] = [people[n % 2], randomUUID()];
    const when = now();
    found.late.push(when - planned);
    open.push(new Promise((received) => sent.set(txn_id, { by, at: when, received })));
    open.push(by.send(room, `message ${n} about the beds by the wall`, txn_id).then((ack) => found.ack.push(ack.at - when)));
  }
  const cpu = between(before, used(pid));
  await within('all messages are there', Promise.all(open));
  unwatch.forEach((off) => off());
  return { ...found, cpu };
}

const ms = (value) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
const row = (...cells) => `| ${cells.join(' | ')} |`;
const rule = (columns) => `|---|${'---:|'.repeat(columns)}`;
const spread = (name, list, show = ms) => row(name, ...[0.5, 0.95, 0.99].map((share) => show(at(list, share))));
const head = (what) => `${row(what, 'median', 'p95', 'p99')}\n${rule(3)}`;

const TOLD = "the model's first token → text at who asked";

/** Times of questions, one after the other. */
function stages(asked, written) {
  assert.equal(written.length, asked.length, 'every question was asked once');
  const each = (f) => asked.map(({ sent, ends }, n) => f(sent, ends, written[n]));
  return {
    'question sent → the model is asked': each((sent, _, model) => model.asked - sent),
    "the model's own time to its first token": each((_, __, model) => model.first - model.asked),
    [TOLD]: each((_, [asker], model) => asker.first - model.first),
    '**question sent → text at who asked**': each((sent, [asker]) => asker.first - sent),
    '**question sent → text at another member**': each((sent, [, other]) => other.first - sent),
  };
}

async function questions(other, { people, room }) {
  const some = async (count) => {
    const asked = [];
    for (let n = 0; n < count; n += 1) asked.push(await ask(people, room, `how do herbs grow on hill ${n}?`));
    return stages(asked, await other('records'));
  };
  await some(WARM_UP);
  say(`bench: ${QUESTIONS} questions`);
  const found = await some(QUESTIONS);
  say(`bench: ${QUESTIONS} questions, a chunk without text first`);
  await other('be', { lead_ms: LEAD_MS });
  const led = (await some(QUESTIONS))[TOLD];
  await other('be', { lead_ms: 0 });
  return [
    head(`time to the first token, ms; n = ${QUESTIONS}`),
    ...Object.entries(found).map((one) => spread(...one)),
    spread(`${TOLD}, where a chunk without text comes ${LEAD_MS} to ${2 * LEAD_MS} ms before it`, led),
  ];
}

async function messages(other, { people, direct }, pid) {
  const modes = { A: [], B: [] };
  const wrote = [];
  await other('be', { tokens: Infinity });
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const mode of ['A', 'B']) {
      if (mode === 'B') await other('begin');
      const one = await converse(people, direct, pid);
      if (mode === 'B') wrote.push(await other('end'));
      modes[mode].push(one);
      say(`bench: round ${round} ${mode}: ack ${ms(at(one.ack, 0.5))} ms, receipt ${ms(at(one.receipt, 0.5))} ms, others ${one.cpu.foreign.toFixed(0)} % of a core`);
      // What is stored last, and what is done when an answer has ended, is not the next round's.
      await sleep(1_000);
    }
  }
  const all = (mode, key) => modes[mode].flatMap((one) => one[key]);
  const cpu = (mode, key) => `${mean(modes[mode].map((one) => one.cpu[key])).toFixed(0)} %`;
  const shares = [0.5, 0.95, 0.99];
  const cells = (mode, key) => shares.map((share) => ms(at(all(mode, key), share)));
  const ratios = (key) => shares.map((share) => (at(all('B', key), share) / at(all('A', key), share)).toFixed(2));
  const line = (name, key) => [
    row(`${name}, A: nothing else`, ...cells('A', key)),
    row(`${name}, B: ${WRITTEN_AT_ONCE} answers being written`, ...cells('B', key)),
    row(`**B / A**`, ...ratios(key)),
  ];
  return [
    head(`messages between two people, ms; n = ${all('A', 'ack').length} each`),
    ...line('send → ack', 'ack'),
    ...line('send → receipt', 'receipt'),
    row('sent later than planned, A', ...cells('A', 'late')),
    row('sent later than planned, B', ...cells('B', 'late')),
    '',
    `In B the model wrote ${mean(wrote.map((one) => one.tokens_per_s)).toFixed(0)} tokens a second in each room, and each of the ${2 * WRITTEN_AT_ONCE} who read along saw ${mean(wrote.map((one) => one.growths_per_s)).toFixed(0)} updates a second. ` +
      `Of one core, the server used ${cpu('A', 'server')} in A and ${cpu('B', 'server')} in B; other processes ${cpu('A', 'foreign')} and ${cpu('B', 'foreign')}.` +
      (Object.values(modes).flat().some((one) => one.cpu.foreign > NOISE_PCT) ? ' **Others used the machine: these are no figures of a quiet one, and the ratios may be their doing.**' : ''),
  ];
}

async function scripted() {
  const other = another();
  const server = await serve({ LAVENDER_MODEL_URL: await other('start'), LAVENDER_MODEL: 'scripted', LAVENDER_MODEL_AT_ONCE: '16' });
  say('bench: people register');
  const first = await three(server.origin, 'anna', 'benno');
  const rooms = [];
  for (let n = 0; n < WRITTEN_AT_ONCE; n += 1) rooms.push(await three(server.origin, `cleo${n}`, `dora${n}`));
  for (const person of first.people) await person.connect();
  const one = await questions(other, first);
  await other('join', rooms.map(({ room, people }) => ({ room, people: people.map((person) => person.ticket) })));
  const two = await messages(other, first, server.pid);
  server.stop();
  return [...one, '', ...two];
}

const REAL = ['Why is the sky blue?', 'How do bees make honey?', 'What is bread made of?', 'Why do leaves fall?', 'How do boats float?',
  'What do cats eat?', 'Why is the sea salty?', 'How do trees drink?', 'What is snow?', 'Why do birds sing?'];

async function real() {
  const { TEST_MODEL_URL: behind, TEST_MODEL_KEY, TEST_MODEL_NAME } = process.env;
  if (!behind) return ['No real model: TEST_MODEL_URL is not set.'];
  const other = another();
  const settings = { LAVENDER_MODEL: TEST_MODEL_NAME, LAVENDER_MODEL_KEY: TEST_MODEL_KEY, LAVENDER_MODEL_ANSWER: String(REAL_TOKENS) };
  await other('be', { behind });
  const server = await serve({ LAVENDER_MODEL_URL: await other('start'), ...settings });
  const { people, room } = await three(server.origin, 'anna', 'benno');
  for (const person of people) await person.connect();
  const asked = [];
  // The first one waits until it is found out what the model can do.
  for (let n = -1; n < REAL_QUESTIONS; n += 1) {
    const one = await ask(people, room, n < 0 ? 'Hello there, how is the garden?' : REAL[n % REAL.length], REAL_PATIENCE);
    say(`bench: question ${n + 1} of ${REAL_QUESTIONS}, ${TEST_MODEL_NAME}: ${ms(one.ends[0].first - one.sent)} ms`);
    if (n < 0) await other('records');
    else asked.push(one);
  }
  const written = await other('records');
  const rate = (tokens, from, to) => (1000 * (tokens - 1)) / (to - from);
  const line = (name, list) => row(name, ms(at(list, 0.5)), ms(at(list, 0)), ms(at(list, 1)));
  return [
    `${row(`${TEST_MODEL_NAME}, one thread, ms; n = ${REAL_QUESTIONS}`, 'median', 'least', 'most')}\n${rule(3)}`,
    ...Object.entries(stages(asked, written)).map((one) => line(...one)),
    line('tokens a second, as the model writes', written.map(({ tokens, first, last }) => rate(tokens, first, last))),
    line('tokens a second, at who asked, to the end', written.map(({ tokens }, n) => rate(tokens, asked[n].ends[0].first, asked[n].ends[0].at))),
  ];
}

async function main() {
  assert.ok(process.env.LAVENDER_BIN, 'LAVENDER_BIN is not set: run make bench-ai');
  assert.ok(globalThis.WebSocket, 'node needs --experimental-websocket');
  // Also when a signal ends it: what was started goes.
  process.on('exit', (code) => undo.forEach((f) => f(code)));
  for (const [signal, code] of [['SIGHUP', 129], ['SIGINT', 130], ['SIGTERM', 143]]) process.on(signal, () => process.exit(code));
  const began = loadavg()[0];
  const tables = [...(await scripted()), '', ...(await real())];
  console.log(`${availableParallelism()} cores (${cpus()[0].model.trim()}), ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, SQLite; load ${began.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after.`);
  console.log(`\`QUESTIONS=${QUESTIONS} SECS=${SECS} ROUNDS=${ROUNDS} make bench-ai\`\n`);
  console.log(tables.join('\n'));
}

if (isMainThread) {
  const fail = (error) => {
    say(`bench: ${error.stack}`);
    process.exit(1);
  };
  // What fails while something else is waited for.
  process.on('unhandledRejection', fail);
  main().then(() => process.exit(0), fail);
} else {
  await load();
}
