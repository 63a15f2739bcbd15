// The wasm is in two files (scripts/split): a start needs only the first, and what comes too early for the second waits for it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { composer, connect, launch, message, open, register, say, serve, tick } from './support.mjs';

const LATER = /\/later-dxh[0-9a-f]+\.wasm$/;
/** How often something had to wait for the second file. */
const waited = (page) => page.evaluate(() => globalThis.__lavenderWaited ?? 0);

test('a start needs nothing of the second file', { timeout: 180_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  // The page's own request for it is never answered; what has to wait asks again, and gets it.
  const away = ({ context }) => context.route(LATER, (route) => (route.request().resourceType() === 'xhr' ? route.continue() : undefined));
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  const room = await connect(ann, ben, 'The first word');
  for (const person of [ann, ben]) await away(person);

  await t.test('pages of forms', async () => {
    const visitor = await open(browser, server);
    await away(visitor);
    for (const path of ['/login', '/register']) {
      await visitor.page.goto(path);
      await visitor.page.waitForFunction(() => globalThis.__dx_mainWasm);
      await visitor.page.getByLabel('Password', { exact: true }).fill('something');
      assert.equal(await waited(visitor.page), 0, path);
    }
  });

  await t.test('the list, a room, and what is said there', async () => {
    // In which order things come is chance: some starts need what no learned one did, and wait for it once.
    let waiting = 0;
    const STARTS = 5;
    for (let n = 0; n < STARTS; n += 1) {
      for (const [person, path] of [[ann, '/'], [ben, `/r/${room}`]]) {
        const before = person.watch.synced;
        await person.page.goto(path);
        await person.watch.live(before);
      }
      await ann.page.getByTestId('room').first().click();
      await composer(ann.page).waitFor();
      await say(ann.page, `Over there ${n}`);
      await say(ben.page, `And back ${n}`);
      await message(ann.page, `And back ${n}`).waitFor();
      await tick(ann.page, `Over there ${n}`, 'sent', 'delivered', 'read');
      for (const { page } of [ann, ben]) waiting += await waited(page);
    }
    t.diagnostic(`${waiting} of ${2 * STARTS} starts waited for the second file`);
    assert.ok(waiting < 2 * STARTS, `${waiting} of ${2 * STARTS} starts waited: 'make split-list' learns anew what they need`);
  });

  // A page that is left before the second file is here can't wait for it. On a server that answers it is.
  const isLeaving = (trouble) => /Synchronous XHR in page dismissal/.test(trouble);
  for (const { watch } of [ann, ben]) assert.deepEqual(watch.trouble.filter((trouble) => !isLeaving(trouble)), []);
});

test('what is pressed before the second file is here waits for it', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const { page, watch, context } = await register(browser, server, 'Annie');
  let held = null;
  const asked = new Promise((done) => {
    void context.route(LATER, async (route) => {
      // The first request is the page's own; the second comes from what is pressed.
      if (held) return route.continue();
      held = route;
      done();
    });
  });
  const before = watch.synced;
  await page.goto('/');
  await watch.live(before);
  await asked;
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  assert.ok((await waited(page)) > 0);
  await held.continue();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  watch.check();
});
