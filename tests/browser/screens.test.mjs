// Small screens, turned screens, forced colours, and what stands in the place of what is still on its way.
import assert from 'node:assert/strict';
import test from 'node:test';
import { call, composer, connect, hold, launch, message, open, prepare, register, say, serve, signedIn } from './support.mjs';

const options = { timeout: 120_000 };

test('skeletons come late, in the place and size of what they stand for', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  const room = await connect(ann, ben, 'One line');
  await ben.page.goto(`/r/${room}`);
  await say(ben.page, 'Two\nlines');
  await say(ben.page, 'And\nthree\nlines');
  await message(ben.page, 'three').waitFor();
  const { page, watch } = ann;

  await t.test('of a conversation', async () => {
    await page.goto('/');
    const before = watch.synced;
    await watch.live(before - 1);
    await page.evaluate(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().map((entry) => entry.value))).observe({ type: 'layout-shift' });
    });
    const go = await hold(page, '**/api/rooms/*/messages*');
    await page.getByTestId('room').first().click();
    await page.waitForURL(`**/r/${room}`);
    const skeleton = page.locator('.sk-late');
    await skeleton.waitFor({ state: 'attached' });
    // Its clock, stopped just before and just after it may be seen.
    const seen = await skeleton.evaluate((element) => {
      const [appear] = element.getAnimations();
      appear.pause();
      const at = (ms) => {
        appear.currentTime = ms;
        return Number(getComputedStyle(element).opacity);
      };
      const seen = [at(0), at(149), at(152)];
      appear.play();
      return seen;
    });
    assert.deepEqual(seen, [0, 0, 1]);
    assert.equal(await page.locator('#messages').getAttribute('aria-busy'), 'true');
    const boxes = () =>
      page.evaluate(() => ['.info-bar', '#messages', '.composer'].map((part) => {
        const { x, y, width, height } = document.querySelector(part).getBoundingClientRect();
        return [x, y, width, height].map(Math.round);
      }));
    const while_ = await boxes();
    const shapes = await page.locator('.sk-late .sk').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    await go();
    await message(page, 'three').waitFor();
    assert.deepEqual(await boxes(), while_, 'nothing moves when the messages come');
    const bubbles = await page.locator('[data-testid="message"] .bubble').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    for (const [lines, height] of bubbles.entries()) {
      assert.ok(shapes.some((shape) => Math.abs(shape - height) <= 1), `${lines + 1} lines are ${height} px high; skeletons: ${shapes}`);
    }
    const shifted = (await page.evaluate(() => globalThis.shifts)).reduce((sum, value) => sum + value, 0);
    assert.ok(shifted < 0.01, `layout shift ${shifted}`);
  });

  await t.test('of people who are looked for', async () => {
    await page.goto('/new');
    const go = await hold(page, '**/api/people?*');
    await page.getByLabel('Find people').fill('benn');
    const skeleton = page.locator('.find ul[aria-hidden="true"] li');
    await skeleton.first().waitFor();
    const before = await skeleton.first().boundingBox();
    await go();
    const hit = page.getByRole('listitem').filter({ hasText: '@benno' });
    await hit.waitFor();
    const after = await hit.boundingBox();
    assert.ok(Math.abs(before.y - after.y) <= 1 && Math.abs(before.height - after.height) <= 1, JSON.stringify({ before, after }));
  });

  await t.test('and not at all when the answer is quick', async () => {
    await page.goto('/new');
    await page.evaluate(() => {
      globalThis.skeletons = 0;
      new MutationObserver(() => (globalThis.skeletons += document.querySelectorAll('.find .sk').length)).observe(document.body, { subtree: true, childList: true });
    });
    // Answered from here: no machine is too slow for this.
    const hits = await call(page, 'GET', '/api/people?query=benno');
    await page.route('**/api/people?*', (route) => route.fulfill({ json: hits }));
    await page.getByLabel('Find people').fill('ben');
    await page.getByRole('listitem').filter({ hasText: '@benno' }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.skeletons), 0);
    await page.unroute('**/api/people?*');
  });
  for (const person of [ann, ben]) person.watch.check();
});

test('nothing sticks out at 320 px', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const phone = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true };
  const ann = await register(browser, server, 'Annie', phone);
  const ben = await register(browser, server, 'Benno');
  await call(ben.page, 'POST', '/api/profile', { display_name: 'Benno-with-a-very-long-name-that-does-not-end-soon', status: null, about: null });
  const stranger = await register(browser, server, 'Stranger');
  const long = 'Donaudampfschifffahrtsgesellschaft'.repeat(5);
  const room = await connect(ann, ben, `${long} https://example.org/${'path'.repeat(18)}`);
  const [hit] = await call(stranger.page, 'GET', '/api/people?query=annie');
  await call(stranger.page, 'POST', '/api/requests', { to: hit.person.id, intro: long });
  await ben.page.goto(`/r/${room}`);
  await say(ben.page, `A line\n${'x'.repeat(500)}\n🌱🌱🌱`);
  const visitor = await open(browser, server, phone);
  for (const [{ page, watch }, path] of [
    [visitor, '/login'], [visitor, '/register'], [ann, '/'], [ann, `/r/${room}`], [ann, '/requests'], [ann, '/new'], [ann, '/no/such/page'],
  ]) {
    const before = watch.synced;
    await page.goto(path);
    if (page === ann.page) await watch.live(before);
    const wide = await page.evaluate(() => {
      const found = [];
      if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
      for (const element of document.querySelectorAll('body *')) {
        const { overflowX } = getComputedStyle(element);
        const scrolls = overflowX === 'auto' || overflowX === 'scroll';
        if (scrolls && element.scrollWidth > element.clientWidth + 1) found.push(`${element.className} scrolls sideways`);
        const rect = element.getBoundingClientRect();
        // What can be pressed or written into must be whole on the screen.
        if (element.matches('button, a.btn, input, textarea') && rect.width > 0 && (rect.left < -1 || rect.right > innerWidth + 1)) {
          found.push(`${element.outerHTML.slice(0, 80)} reaches to ${rect.right}`);
        }
      }
      return found;
    });
    assert.deepEqual(wide, [], path);
  }
  for (const { watch } of [ann, ben, stranger, visitor]) watch.check();
});

test('forced colours leave shapes, states and the focus visible', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', { forcedColors: 'active' });
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ben, ann, 'Hello');
  const { page, watch } = ann;
  await page.goto(`/r/${room}`);
  await say(page, 'An own one');
  await message(page, 'An own one').waitFor();
  await ben.page.goto(`/r/${room}`);
  assert.equal(await page.evaluate(() => matchMedia('(forced-colors: active)').matches), true);
  const styles = (locator) =>
    locator.evaluate((element) => {
      const style = getComputedStyle(element);
      return { border: `${style.borderTopStyle} ${style.borderTopWidth}`, color: style.borderTopColor, background: style.backgroundColor, text: style.color, outline: style.outlineStyle };
    });
  const own = await styles(message(page, 'An own one').locator('.bubble'));
  const other = await styles(message(page, 'Hello').locator('.bubble'));
  const field = await styles(page.locator('.composer'));
  for (const [name, style] of Object.entries({ own, other, field })) {
    assert.equal(style.border, 'solid 1px', `${name} has an edge`);
    assert.notEqual(style.text, style.background, name);
  }
  assert.notEqual(own.color, other.color, 'own ones are told from others');
  const send = await styles(page.getByRole('button', { name: 'Send' }));
  assert.notEqual(send.background, 'rgba(0, 0, 0, 0)', 'the button is a shape');
  assert.notEqual(send.text, send.background);
  // Every tick and icon is drawn in a colour of the system's choice.
  const strokes = await page.locator('.info-bar svg, [data-testid="message"] svg').evaluateAll((all) =>
    all.map((icon) => [getComputedStyle(icon).stroke, getComputedStyle(icon).color, getComputedStyle(document.body).backgroundColor]));
  assert.ok(strokes.length > 0);
  for (const [, color, canvas] of strokes) assert.notEqual(color, canvas);
  for (const target of [page.getByRole('button', { name: 'Menu' }).first(), page.getByTestId('room').first(), composer(page)]) {
    await target.focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      // The ring may be on the element or on the frame around it.
      for (let element = document.activeElement; element && element !== document.body; element = element.parentElement) {
        const style = getComputedStyle(element);
        if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) return style.outlineStyle;
        if (element.matches('.composer, .search, .find')) return getComputedStyle(element).outlineStyle;
        if (element !== document.activeElement && element.matches('button, a')) break;
      }
      return 'none';
    });
    assert.notEqual(focus, 'none', `the focus on ${target} is seen`);
  }
  for (const person of [ann, ben]) person.watch.check();
  watch.check();
});

test('a phone that is turned keeps the draft and the place', options, async (t) => {
  const server = await prepare(t);
  const fixture = await server.seed('--users', '2', '--set', 'long:1x2', '--history', '300');
  await server.start();
  const browser = await launch(t);
  const upright = { width: 390, height: 844 };
  const { page, watch } = await signedIn(browser, server, fixture.users[0], { viewport: upright, hasTouch: true, isMobile: true });
  const room = fixture.sets.long[0].id;
  await page.goto(`/r/${room}`);
  await watch.live();
  await composer(page).fill('Half a thought');
  /** The message at the upper edge, and how far it is from it. */
  const place = () =>
    page.evaluate(() => {
      const edge = document.getElementById('messages').getBoundingClientRect().top;
      const row = [...document.querySelectorAll('[data-testid="message"]')].find((row) => row.getBoundingClientRect().bottom > edge);
      return { seq: Number(row.dataset.seq), below: row.getBoundingClientRect().top - edge };
    });
  /** Waits until the place is what it should be: laying out takes a few frames. */
  const stays = (seq) =>
    page.waitForFunction((seq) => {
      const edge = document.getElementById('messages').getBoundingClientRect();
      const row = document.querySelector(`[data-testid="message"][data-seq="${seq}"]`)?.getBoundingClientRect();
      return row && row.bottom > edge.top - 2 && row.top < edge.top + edge.height / 2;
    }, seq);
  await page.locator('#messages').evaluate((stream) => stream.scrollBy(0, -2_000));
  await page.waitForFunction(() => document.querySelector('[data-testid="jump"]'));
  const before = await place();
  for (const viewport of [{ width: 844, height: 390 }, upright, { width: 844, height: 390 }, upright]) {
    await page.setViewportSize(viewport);
    await stays(before.seq);
    assert.equal(await composer(page).inputValue(), 'Half a thought');
  }
  // At the newest message it stays there.
  await page.getByTestId('jump').click();
  const newest = page.locator('[data-testid="message"][data-seq="300"]');
  await newest.waitFor();
  for (const viewport of [{ width: 844, height: 390 }, upright]) {
    await page.setViewportSize(viewport);
    await page.waitForFunction(() => {
      const row = document.querySelector('[data-testid="message"][data-seq="300"]').getBoundingClientRect();
      return Math.abs(document.getElementById('messages').scrollTop) < 2 && row.bottom <= innerHeight;
    });
  }
  watch.check();
});
