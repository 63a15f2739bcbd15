// Two people, two browsers: from strangers to a conversation that survives everything.
import assert from 'node:assert/strict';
import test from 'node:test';
import { STORES, call, composer, connect, hold, launch, message, register, rows, say, serve, steps, tick, without } from './support.mjs';

for (const store of STORES) {
  test(`a conversation on ${store}`, { skip: without(store), timeout: 240_000 }, async (t) => {
    const server = await serve(t, store);
    const browser = await launch(t);
    const ann = await register(browser, server, 'Annie');
    const ben = await register(browser, server, 'Benno');
    const texts = ['May I talk to you about gardens?'];
    const step = steps(t, server, [ann, ben]);
    let room;

    await step('a request is sent and accepted', async () => {
      await ann.page.getByRole('button', { name: 'New chat' }).first().click();
      await ann.page.waitForURL('**/new');
      await ann.page.getByLabel('Find people').fill('benn');
      const hit = ann.page.getByRole('listitem').filter({ hasText: '@benno' });
      await hit.getByRole('button', { name: 'Write' }).click();
      await ann.page.getByRole('textbox', { name: 'Introduction' }).fill(texts[0]);
      await ann.page.getByRole('button', { name: 'Send request' }).click();

      // It arrives without a reload.
      await ben.page.goto('/requests');
      await ben.page.getByText(texts[0]).waitFor();
      await ben.page.getByRole('button', { name: 'Accept' }).click();
      await ben.page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
      room = new URL(ben.page.url()).pathname;
      await message(ben.page, texts[0]).waitFor();

      const link = ann.page.getByTestId('room').filter({ hasText: 'Benno' });
      await link.click();
      await ann.page.waitForURL(`**${room}`);
      await message(ann.page, texts[0]).waitFor();
    });

    await step('ten messages go each way, and their ticks reach "read"', async () => {
      for (let n = 1; n <= 10; n += 1) {
        for (const [from, to] of [[ann, ben], [ben, ann]]) {
          const text = `${from.name} says number ${n}.`;
          texts.push(text);
          await say(from.page, text);
          await message(to.page, text).waitFor();
          await to.page.bringToFront();
          await tick(from.page, text, 'read');
        }
      }
      for (const { page } of [ann, ben]) await ordered(page, texts);
    });

    await step('typing is seen, and ends', async () => {
      await composer(ben.page).pressSequentially('I am thinking');
      await ann.page.getByTestId('typing').first().waitFor();
      await composer(ben.page).fill('');
      await ann.page.getByTestId('typing').first().waitFor({ state: 'detached' });
    });

    await step('a reload keeps everything', async () => {
      for (const { page, watch } of [ann, ben]) {
        const before = watch.synced;
        await page.reload();
        await watch.live(before);
        await ordered(page, texts);
      }
    });

    await step('what is written offline goes once and in order', async () => {
      ann.watch.outage = true;
      await ann.context.setOffline(true);
      await ann.page.getByTestId('connection').filter({ hasText: /offline/i }).first().waitFor();
      const queued = ['First in the tunnel.', 'Second in the tunnel.', 'Third in the tunnel.'];
      for (const text of queued) {
        await say(ann.page, text);
        await tick(ann.page, text, 'queued');
      }
      assert.equal(await message(ben.page, 'in the tunnel').count(), 0, 'nothing left the offline browser');
      await ann.context.setOffline(false);
      for (const text of queued) {
        await tick(ann.page, text, 'sent', 'delivered', 'read');
        await message(ben.page, text).waitFor();
      }
      texts.push(...queued);
      for (const { page } of [ann, ben]) await ordered(page, texts);
      ann.watch.outage = false;
    });

    await step('both catch up when the server was killed', async () => {
      const [a, b] = [ann.watch.synced, ben.watch.synced];
      ann.watch.outage = ben.watch.outage = true;
      await server.kill();
      const text = 'Written while the server was down.';
      await say(ann.page, text);
      await message(ann.page, text).waitFor();
      await server.start();
      await Promise.all([ann.watch.live(a), ben.watch.live(b)]);
      await message(ben.page, text).waitFor();
      await tick(ann.page, text, 'sent', 'delivered', 'read');
      await say(ben.page, 'And we are back.');
      await message(ann.page, 'And we are back.').waitFor();
      texts.push(text, 'And we are back.');
      for (const { page } of [ann, ben]) await ordered(page, texts);
      ann.watch.outage = ben.watch.outage = false;
    });

    await step('what the store holds is what was shown', async () => {
      const stored = await call(ann.page, 'GET', `/api/rooms/${room.slice(3)}/messages?limit=100`);
      assert.deepEqual(stored.messages.map((m) => m.body), texts);
      assert.deepEqual(stored.messages.map((m) => m.seq), texts.map((_, index) => index + 1));
    });

    await step('signing out leaves nothing behind', async () => {
      // A draft is on this device's disk until then.
      await composer(ann.page).fill('A secret draft');
      await ann.page.waitForFunction(countRecords, 1);
      ann.watch.outage = true;
      await ann.page.getByRole('button', { name: 'Menu' }).first().click();
      await ann.page.getByRole('menuitem', { name: 'Sign out' }).click();
      await ann.page.waitForURL('**/login**');
      await ann.page.waitForFunction(countRecords, 0);
      const names = (await ann.context.cookies()).map((cookie) => cookie.name);
      assert.ok(!names.includes('__Host-lav_at') && !names.includes('__Host-lav_rt'), `no session is left: ${names}`);
      await ann.page.goto(room);
      await ann.page.waitForURL('**/login**');
    });

    for (const { watch } of [ann, ben]) watch.check();
    assert.doesNotMatch(server.log(), /panicked/);
  });
}

test('two who ask each other are connected, and the room opens by itself on both sides', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  /** On the page where people are found, with a text for somebody. */
  const writes = async ({ page }, other, text) => {
    await page.goto('/new');
    await page.getByLabel('Find people').fill(other.username);
    await page.getByRole('listitem').filter({ hasText: `@${other.username}` }).getByRole('button', { name: 'Write' }).click();
    await page.getByRole('textbox', { name: 'Introduction' }).fill(text);
  };
  const sends = ({ page }) => page.getByRole('button', { name: 'Send request' }).click();
  const inOneRoom = async (people, texts) => {
    for (const { page } of people) await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
    assert.equal(people[0].page.url(), people[1].page.url(), 'it is the same room');
    for (const { page } of people) for (const text of texts) await message(page, text).waitFor();
    for (const { page } of people) assert.equal((await rows(page)).length, texts.length);
  };

  await t.test('one after the other, while the second one writes', async () => {
    const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
    await writes(ann, ben, 'Annie asks Benno');
    await writes(ben, ann, 'Benno asks Annie');
    await sends(ann);
    await ann.page.getByText('Pending').waitFor();
    // It has come, and takes no text away.
    await ben.page.getByRole('button', { name: 'Accept' }).waitFor();
    assert.equal(await ben.page.getByRole('textbox', { name: 'Introduction' }).inputValue(), 'Benno asks Annie');
    await sends(ben);
    await inOneRoom([ann, ben], ['Annie asks Benno', 'Benno asks Annie']);
    for (const { watch } of [ann, ben]) watch.check();
  });

  await t.test('at the same moment', async () => {
    const [cat, dan] = [await register(browser, server, 'Catrin'), await register(browser, server, 'Daniel')];
    await writes(cat, dan, 'Catrin asks Daniel');
    await writes(dan, cat, 'Daniel asks Catrin');
    await Promise.all([sends(cat), sends(dan)]);
    await inOneRoom([cat, dan], ['Catrin asks Daniel', 'Daniel asks Catrin']);
    for (const { watch } of [cat, dan]) watch.check();
  });
});

test('a message that is seen is ticked as read within 300 ms', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  const room = await connect(ann, ben);
  for (const { page } of [ann, ben]) {
    await page.goto(`/r/${room}`);
    await message(page, 'Hello there').waitFor();
    // When each row was first there, and when it was first ticked as read, by the clock that both pages share.
    await page.evaluate(() => {
      globalThis.noted = {};
      new MutationObserver(() => {
        for (const row of document.querySelectorAll('[data-testid="message"]')) {
          const text = row.textContent.match(/Number \d+/)?.[0];
          if (!text) continue;
          const times = (globalThis.noted[text] ??= { shown: Date.now() });
          if (row.dataset.tick === 'read') times.read ??= Date.now();
        }
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
  }
  const waits = [];
  for (let n = 1; n <= 15; n += 1) {
    const text = `Number ${n}.`;
    await say(ann.page, text);
    await tick(ann.page, text, 'read');
    const times = ({ page }) => page.evaluate((text) => globalThis.noted[text], `Number ${n}`);
    waits.push((await times(ann)).read - (await times(ben)).shown);
  }
  waits.sort((a, b) => a - b);
  t.diagnostic(`from shown to read: ${waits.join(', ')} ms`);
  assert.ok(waits[7] < 300, `half of them within ${waits[7]} ms`);
  for (const { watch } of [ann, ben]) watch.check();
});

test('an own message is there in the next frame, and its row stays when it is stored', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  const { page } = ann;
  await page.goto(`/r/${await connect(ann, ben)}`);
  await message(page, 'Hello there').waitFor();
  const frames = [];
  for (let n = 1; n <= 9; n += 1) {
    await composer(page).fill(`Number ${n}.`);
    await page.evaluate((text) => {
      const row = () => [...document.querySelectorAll('[data-testid="message"]')].find((row) => row.textContent.includes(text));
      globalThis.noted = new Promise((done) => {
        const look = (count) => {
          if (row()) {
            globalThis.row = row();
            done(count);
          } else requestAnimationFrame(() => look(count + 1));
        };
        // In the frame that follows the key everything of that frame is done.
        document.addEventListener('keydown', () => requestAnimationFrame(() => look(1)), { once: true, capture: true });
      });
    }, `Number ${n}.`);
    await composer(page).press('Enter');
    frames.push(await page.evaluate(() => globalThis.noted));
    await tick(page, `Number ${n}.`, 'sent', 'delivered', 'read');
    assert.ok(await message(page, `Number ${n}.`).evaluate((row) => row === globalThis.row), 'it is the same element');
  }
  t.diagnostic(`frames from the key to the row: ${frames.join(', ')}`);
  frames.sort((a, b) => a - b);
  assert.ok(frames[4] <= 2, `half of them within ${frames[4]} frames`);
  for (const { watch } of [ann, ben]) watch.check();
});

/** The room shows these texts, each once, in this order, with seq 1, 2, 3 … */
async function ordered(page, texts) {
  await message(page, texts.at(-1)).waitFor();
  const shown = await rows(page);
  // A long room shows only its newest rows.
  const expected = texts.slice(-shown.length);
  assert.ok(shown.length >= Math.min(texts.length, 10), `${shown.length} rows are shown`);
  shown.forEach((row, index) => assert.ok(row.text.includes(expected[index]), `"${row.text}" is "${expected[index]}"`));
  const first = texts.length - shown.length + 1;
  assert.deepEqual(shown.map((row) => row.seq), expected.map((_, index) => first + index));
}

/** In the page: whether IndexedDB holds any record (1) or none (0). */
async function countRecords(wanted) {
  let records = 0;
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done, fail) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
    for (const store of db.objectStoreNames) {
      records += await new Promise((done, fail) => {
        const request = db.transaction(store).objectStore(store).count();
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
      });
    }
    db.close();
  }
  return Math.min(records, 1) === wanted;
}

test('what is written before the page has come alive is sent', { timeout: 180_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const room = await connect(ann, ben, 'The first word');
  for (const [person, name] of [[ann, 'a desktop'], [ben, 'a phone']]) {
    await t.test(`on ${name}`, async () => {
      const { page, watch } = person;
      const go = await hold(page, /lavender_bg-.*\.wasm/);
      const before = watch.synced;
      await page.goto(`/r/${room}`);
      await composer(page).fill(`Early on ${name}`);
      assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).getAttribute('aria-disabled'), 'true');
      await go();
      await page.locator('button:not([aria-disabled])').and(page.getByRole('button', { name: 'Send', exact: true })).waitFor();
      await watch.live(before);
      assert.equal(await composer(page).inputValue(), `Early on ${name}`);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await tick(page, `Early on ${name}`, 'sent', 'delivered', 'read');
      assert.equal(await composer(page).inputValue(), '');
      watch.check();
    });
  }
});
