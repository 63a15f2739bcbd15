// The installed app, blocked websockets, and what may be kept on a device.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as dial, createServer } from 'node:net';
import test from 'node:test';
import { composer, connect, kept, launch, message, newPage, prepare, register, rows, say, serve, tick } from './support.mjs';

const options = { timeout: 120_000 };

/** In the page: whether a record of IndexedDB holds this text. */
async function keeps(text) {
  const of = (request) =>
    new Promise((done, fail) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
  for (const { name } of await indexedDB.databases()) {
    const db = await of(indexedDB.open(name));
    try {
      for (const store of db.objectStoreNames) {
        const records = await of(db.transaction(store).objectStore(store).getAll());
        if (records.some((record) => String(record).includes(text))) return true;
      }
    } finally {
      db.close();
    }
  }
  return false;
}

/** The HTTP caches hold no text of a person, no answer and no page of an account. */
async function nothingIsCached(page, room) {
  const kept = await page.evaluate(async () => {
    const kept = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request);
        kept.push({ path: new URL(request.url).pathname, text: await answer.text() });
      }
    }
    return kept;
  });
  assert.ok(kept.length > 0, 'something is kept');
  for (const { path, text } of kept) {
    assert.ok(!path.startsWith('/api') && !path.startsWith('/r/') && !path.startsWith('/auth'), `${path} is kept`);
    for (const secret of ['Not for the cache', 'Nor this', 'From the tunnel', 'annie@example.org', room]) {
      assert.ok(!text.includes(secret), `${path} holds "${secret}"`);
    }
  }
}

test('the app can be installed, and starts offline', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', { serviceWorkers: 'allow' });
  const ben = await register(browser, server, 'Benno');
  const { page, context } = ann;
  const room = await connect(ann, ben, 'Not for the cache');

  await t.test('the manifest is whole', async () => {
    const link = await page.locator('link[rel="manifest"]').getAttribute('href');
    const answer = await context.request.get(link);
    assert.equal(answer.status(), 200);
    const manifest = await answer.json();
    assert.ok(manifest.name && manifest.start_url && manifest.display === 'standalone');
    for (const size of ['192x192', '512x512']) {
      const icon = manifest.icons.find((one) => one.sizes === size) ?? assert.fail(`an icon of ${size}`);
      const image = await context.request.get(new URL(icon.src, new URL(link, server.origin)).href);
      assert.equal(image.status(), 200);
      assert.equal(image.headers()['content-type'], icon.type);
    }
    assert.ok(manifest.icons.some((icon) => icon.purpose?.includes('maskable')));
  });

  await page.goto(`/r/${room}`);
  await message(page, 'Not for the cache').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload();
  await message(page, 'Not for the cache').waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await say(page, 'Nor this');
  await tick(page, 'Nor this', 'sent', 'delivered', 'read');

  await t.test('caches hold files and the shell, never messages or answers', () => nothingIsCached(page, room));

  await t.test('an offline start shows the last chats and messages', async () => {
    await page.waitForFunction(keeps, 'Nor this');
    ann.watch.outage = true;
    await context.setOffline(true);
    await page.goto('/');
    await page.locator('[data-testid="connection"][data-state="offline"]').waitFor();
    await page.getByTestId('room').filter({ hasText: 'Benno' }).click();
    for (const text of ['Not for the cache', 'Nor this']) await message(page, text).waitFor();
    assert.equal(await page.getByTestId('presence').count(), 0, 'nobody knows who is there');
  });

  await t.test('what is written there waits, also through another offline start', async () => {
    await say(page, 'From the tunnel');
    await tick(page, 'From the tunnel', 'queued');
    await composer(page).fill('Half a thought');
    await page.waitForFunction(keeps, 'Half a thought');
    await page.goto(`/r/${room}`);
    await message(page, 'Nor this').waitFor();
    await tick(page, 'From the tunnel', 'queued');
    await page.waitForFunction(() => document.getElementById('composer').value === 'Half a thought');
    assert.equal(await message(ben.page, 'From the tunnel').count(), 0);
  });

  await t.test('and goes once when there is a network, and what was missed comes', async () => {
    await ben.page.goto(`/r/${room}`);
    await say(ben.page, 'Meanwhile outside');
    await tick(ben.page, 'Meanwhile outside', 'sent', 'delivered');
    await context.setOffline(false);
    await tick(page, 'From the tunnel', 'sent', 'delivered', 'read');
    await message(page, 'Meanwhile outside').waitFor();
    await message(ben.page, 'From the tunnel').waitFor();
    const texts = ['Not for the cache', 'Nor this', 'Meanwhile outside', 'From the tunnel'];
    for (const person of [ann, ben]) {
      const shown = await rows(person.page);
      assert.deepEqual(shown.map(({ seq }) => seq), [1, 2, 3, 4]);
      texts.forEach((text, at) => assert.ok(shown[at].text.includes(text), `${shown[at].text} is ${text}`));
    }
    assert.equal(await composer(page).inputValue(), 'Half a thought', 'the page was not loaded anew');
    await nothingIsCached(page, room);
  });

  await t.test('signing out leaves no database, and nothing to show offline', async () => {
    await page.getByRole('button', { name: 'Menu' }).first().click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/login**');
    await page.waitForFunction(async () => (await indexedDB.databases()).length === 0 && localStorage.length === 0);
    // Signing out empties the caches; the page after it fills them again with what is nobody's.
    await page.waitForFunction(async () => navigator.serviceWorker.controller !== null && (await caches.match('/shell')) !== undefined);
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await page.goto('/');
    await page.getByRole('heading', { name: "You're offline" }).waitFor();
    assert.equal(await page.getByTestId('room').count(), 0);
    // It goes on by itself.
    await context.setOffline(false);
    await page.waitForURL('**/login**');
  });
  for (const { watch } of [ann, ben]) watch.check();
});

test('the browser has nothing against installing it', options, async (t) => {
  const server = await serve(t);
  const { page, context, watch } = await kept(t, server);
  await page.goto('/login');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const session = await context.newCDPSession(page);
  const { errors, data } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(JSON.parse(data).name, 'Lavender');
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors, []);
  watch.check();
});

test('a newer server asks for a reload, and what is being written stays', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const { page, context } = ann;
  const room = await connect(ann, ben, 'The first word');
  const sockets = [];
  await context.routeWebSocket(/\/api\/live/, (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });
  await page.goto(`/r/${room}`);
  await message(page, 'The first word').waitFor();
  await say(page, 'Before');
  await tick(page, 'Before', 'sent', 'delivered', 'read');
  await composer(page).fill('Half a thought');
  await page.waitForFunction(keeps, 'Half a thought');
  let loads = 0;
  page.on('domcontentloaded', () => (loads += 1));
  sockets.at(-1).send(JSON.stringify({ type: 'outdated' }));
  const line = page.locator('[data-testid="connection"][data-state="reload"]');
  await line.getByText('A new version is ready').waitFor();
  await composer(page).pressSequentially(', and a half');
  assert.equal(await composer(page).inputValue(), 'Half a thought, and a half');
  assert.equal(loads, 0, 'nobody is thrown out of what they write');
  await page.waitForFunction(keeps, 'Half a thought, and a half');
  await line.getByRole('button', { name: 'Reload' }).click();
  await page.waitForFunction(() => document.getElementById('composer')?.value === 'Half a thought, and a half');
  assert.equal(loads, 1);
  await composer(page).press('Enter');
  await tick(page, 'Half a thought, and a half', 'sent', 'delivered', 'read');
  for (const person of [ann, ben]) person.watch.check();
});

test('a device that is no longer signed in shows nothing of the account', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', { serviceWorkers: 'allow' });
  const ben = await register(browser, server, 'Benno');
  const { page, context, watch } = ann;
  const room = await connect(ann, ben, 'Only for Annie');
  await page.goto(`/r/${room}`);
  await page.waitForFunction(keeps, 'Only for Annie');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  // The session ends without this page: it expired, or was ended from elsewhere.
  watch.outage = true;
  await page.goto('about:blank');
  await context.clearCookies();
  await page.goto('/');
  await page.waitForURL('**/login**');
  await page.waitForFunction(`(${keeps})('Only for Annie').then((held) => !held)`);
  await context.setOffline(true);
  await page.goto('/');
  await page.getByRole('heading', { name: "You're offline" }).waitFor();
  await context.setOffline(false);
  ben.watch.check();
});

test('with websockets blocked everything still works', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben, 'Through the proxy');
  ann.watch.outage = true;
  let blocked = 0;
  await ann.context.routeWebSocket(/\/api\/live/, (socket) => {
    blocked += 1;
    socket.close({ code: 1011, reason: 'blocked' });
  });
  const events = ann.page.waitForRequest((request) => request.url().includes('/api/live/events'));
  await ann.page.goto(`/r/${room}`);
  await events;
  assert.ok(blocked > 0, 'a websocket was tried first');
  await ben.page.goto(`/r/${room}`);
  await say(ben.page, 'Down by events');
  await message(ann.page, 'Down by events').waitFor();
  await say(ann.page, 'Up by a post');
  await message(ben.page, 'Up by a post').waitFor();
  await tick(ann.page, 'Up by a post', 'read', 'delivered', 'sent');
  await composer(ben.page).pressSequentially('typing through it');
  await ann.page.getByTestId('typing').first().waitFor();
  await ann.page.getByText('Live updates may be slower').first().waitFor();
  ben.watch.check();
});

test('who signs out in one tab is signed out in all', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const other = await newPage(ann.context);
  await other.page.goto('/');
  await other.watch.live();
  ann.watch.outage = other.watch.outage = true;
  await ann.page.getByRole('button', { name: 'Menu' }).first().click();
  await ann.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await ann.page.waitForURL('**/login**');
  // The other one learns it by its socket.
  await other.page.waitForURL('**/login**');
  for (const { watch } of [ann, other]) watch.check();
});

/** A way to `server` that breaks off in the middle of the next answer to a request for `cut.path`, and counts these. */
async function breaking(t, server) {
  const cut = { path: null, cuts: 0 };
  const way = createServer((client) => {
    const upstream = dial(Number(server.env.PORT), '127.0.0.1');
    let due = false;
    client.on('data', (bytes) => {
      if (cut.path && bytes.toString('latin1').startsWith(`GET ${cut.path} `)) [due, cut.path] = [true, null];
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!due) return client.write(bytes);
      cut.cuts += 1;
      upstream.destroy();
      // All of the head, and a body that lacks its end.
      return client.write(bytes.subarray(0, -3), () => setImmediate(() => client.destroy()));
    });
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      one.on('close', () => (one === upstream && due ? null : other.destroy()));
      one.on('error', () => {});
    }
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  t.after(() => way.close());
  return { cut, origin: `http://localhost:${way.address().port}` };
}

test('an answer that breaks off in the middle ends nothing', options, async (t) => {
  const server = await prepare(t);
  const { cut, origin } = await breaking(t, server);
  server.env.LAVENDER_URL = origin;
  server.origin = origin;
  await server.start();
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const { page, watch } = ann;
  const room = await connect(ann, ben);
  watch.outage = true;
  for (let round = 1; round <= 3; round += 1) {
    cut.path = '/api/files/usage';
    const before = watch.synced;
    await page.goto(`/r/${room}`);
    await watch.live(before);
    while (cut.cuts < round) await page.evaluate(() => new Promise(requestAnimationFrame));
    await say(page, `Still here ${round}`);
    await tick(page, `Still here ${round}`, 'sent', 'delivered', 'read');
  }
  watch.check();
});
