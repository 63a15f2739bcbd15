// Pages without scripts, before scripts, on a phone, by keyboard, for everybody; and what comes with them.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  PASSWORD, axeSource, call, composer, connect, launch, message, newPage, open, register, say, serve, tick,
} from './support.mjs';

const options = { timeout: 120_000 };

test('accounts work without scripts', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const { context, page } = await open(browser, server, { javaScriptEnabled: false });
  await page.goto('/');
  await page.waitForURL('**/login**');
  await page.goto('/register');

  await t.test('a refused form says why at the field and keeps what was typed', async () => {
    await page.getByRole('textbox', { name: 'Username' }).fill('x');
    await page.getByRole('textbox', { name: 'Display name' }).fill('Carla');
    await page.getByRole('textbox', { name: 'E-mail' }).fill('carla@example.org');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    const field = page.getByRole('textbox', { name: 'Username' });
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    const told = await field.getAttribute('aria-describedby');
    assert.ok(told, 'the field names its error');
    const texts = await page.locator(told.split(' ').map((id) => `[id="${id}"]`).join(',')).allTextContents();
    assert.match(texts.join(' '), /\w/);
    assert.equal(await page.getByRole('textbox', { name: 'Display name' }).inputValue(), 'Carla');
    assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '', 'a password never comes back');
  });

  await t.test('register, and sign in elsewhere', async () => {
    await page.getByRole('textbox', { name: 'Username' }).fill('carla');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    const cookies = await context.cookies();
    const access = cookies.find((cookie) => cookie.name === '__Host-lav_at');
    assert.ok(access?.httpOnly && access.secure && access.sameSite === 'Lax' && access.path === '/');

    const other = await open(browser, server, { javaScriptEnabled: false });
    await other.page.goto('/login');
    const [name, password] = [other.page.getByRole('textbox', { name: 'Username or e-mail' }), other.page.getByLabel('Password', { exact: true })];
    assert.equal(await name.getAttribute('autocomplete'), 'username');
    assert.equal(await password.getAttribute('autocomplete'), 'current-password');
    await name.fill('carla');
    await password.fill('not the password at all');
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.waitForURL('**/login**');
    await password.fill(PASSWORD);
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.waitForURL((url) => url.pathname === '/');
  });
});

test('the first paint holds the conversation, in the right theme', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  const room = await connect(ann, ben, 'A first word');
  await ben.page.goto(`/r/${room}`);
  for (let n = 1; n <= 3; n += 1) await say(ben.page, `Painted by the server ${n}`);
  await tick(ben.page, 'Painted by the server 3', 'sent', 'delivered', 'read');

  const html = async () => {
    const answer = await ann.context.request.get(`/r/${room}`, { headers: { accept: 'text/html' } });
    assert.equal(answer.status(), 200);
    return answer.text();
  };
  const first = await html();
  // What is outside of scripts: the hydration data must not be what is found.
  const painted = first.replace(/<script[\s\S]*?<\/script>/g, '');
  for (const text of ['Benno', 'A first word', 'Painted by the server 1', 'Painted by the server 3']) {
    assert.ok(painted.includes(text), `the HTML shows "${text}"`);
  }
  assert.match(painted, /data-testid="?room/);
  for (const theme of ['dark', 'light']) {
    await call(ann.page, 'POST', '/api/theme', { theme });
    assert.match(await html(), new RegExp(`<html[^>]*data-theme="?${theme}`), `painted ${theme}`);
  }

  await t.test('and hydrates without a word', async () => {
    const { page, watch } = await newPage(ann.context);
    await page.goto(`/r/${room}`);
    await watch.live();
    await message(page, 'Painted by the server 3').waitFor();
    assert.equal(await message(page, 'Painted by the server 3').count(), 1);
    watch.check();
  });
  for (const { watch } of [ann, ben]) watch.check();
});

test('a theme reaches the bars of the browser and its own controls, at once', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const { page, watch } = await register(browser, server, 'Annie', { colorScheme: 'light' });
  /** What the browser was told, and how it draws what is its own. */
  const look = () =>
    page.evaluate(() => {
      const plain = (colour) => {
        const draw = document.createElement('canvas').getContext('2d');
        draw.fillStyle = colour;
        return draw.fillStyle;
      };
      const root = getComputedStyle(document.documentElement);
      const scroller = document.querySelector('.scroll');
      const probe = document.createElement('input');
      probe.style.color = 'CanvasText';
      scroller.append(probe);
      const control = getComputedStyle(probe);
      const tags = [...document.querySelectorAll('meta[name=theme-color]')];
      const seen = {
        // The first one that fits is the one that counts.
        bars: plain(tags.find(({ media }) => !media || matchMedia(media).matches)?.content),
        canvas: plain(root.backgroundColor),
        scheme: root.colorScheme,
        control: `${control.colorScheme} ${plain(control.color)}`,
        thumb: getComputedStyle(scroller).scrollbarColor,
      };
      probe.remove();
      return seen;
    });
  const choose = async (name, attribute) => {
    await page.getByRole('button', { name: 'Menu' }).first().click();
    await page.getByRole('menuitemradio', { name }).click();
    await page.locator(attribute ? `html[data-theme="${attribute}"]` : 'html:not([data-theme])').waitFor();
    await page.keyboard.press('Escape');
  };
  const light = await look();
  assert.deepEqual([light.bars, light.scheme, light.control], [light.canvas, 'light', 'light #000000']);
  const isDark = (seen) => {
    assert.deepEqual([seen.bars, seen.scheme, seen.control], [seen.canvas, 'dark', 'dark #ffffff']);
    assert.notEqual(seen.canvas, light.canvas);
    assert.notEqual(seen.thumb, light.thumb, 'scroll bars');
  };
  await choose('Dark', 'dark');
  isDark(await look());
  const before = watch.synced;
  await page.reload();
  await watch.live(before);
  isDark(await look());
  await page.emulateMedia({ colorScheme: 'dark' });
  await choose('Light', 'light');
  assert.deepEqual(await look(), light, 'whatever the system has');
  await choose('Match system');
  isDark(await look());
  await page.emulateMedia({ colorScheme: 'light' });
  assert.deepEqual(await look(), light);
  watch.check();
});

test('headers protect every page', options, async (t) => {
  const server = await serve(t);
  const answer = await fetch(`${server.origin}/login`, { headers: { accept: 'text/html' } });
  assert.equal(answer.status, 200);
  const policy = answer.headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  const scripts = policy.match(/script-src ([^;]*)/)[1];
  assert.doesNotMatch(scripts, /'unsafe-inline'|'unsafe-eval'|\*|https?:/);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.ok(answer.headers.get('referrer-policy'));
  assert.equal(answer.headers.get('server'), null);
  const html = await answer.text();
  assert.doesNotMatch(html, /https?:\/\/(?!localhost|www\.w3\.org)/, 'nothing comes from elsewhere');

  const browser = await launch(t);
  const { page } = await open(browser, server);
  const [wasm] = await Promise.all([page.waitForResponse((answer) => /lavender_bg-.*\.wasm$/.test(answer.url())), page.goto('/login')]);
  assert.match(wasm.url(), /-dxh[0-9a-f]+\.wasm$/, 'its name changes with its content');
  assert.ok(answer.headers.get('link').includes(`<${new URL(wasm.url()).pathname}>; rel=preload; as=fetch`), 'it is known at once');
  const fetches = await page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => /lavender_bg-.*\.wasm$/.test(name)).length);
  assert.equal(fetches, 1, 'and fetched once');
  const font = await fetch(`${server.origin}/fonts/onest-latin-wght-normal.woff2`);
  assert.match(font.headers.get('cache-control'), /max-age=31536000.*immutable/);
  const file = await fetch(wasm.url(), { headers: { 'accept-encoding': 'br' } });
  assert.equal(file.headers.get('content-type'), 'application/wasm');
  assert.equal(file.headers.get('content-encoding'), 'br');
  assert.match(file.headers.get('cache-control'), /max-age=31536000.*immutable/);
});

test('a link to a message is followed after signing in', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  const room = await connect(ann, ben, 'The first word');
  await ann.page.goto(`/r/${room}`);
  for (let n = 2; n <= 60; n += 1) await say(ann.page, `Line ${n}.`);
  await tick(ann.page, 'Line 60.', 'sent', 'delivered', 'read');
  const link = `/r/${room}?at=3`;
  const arrives = async ({ page }, is = link) => {
    await page.getByRole('textbox', { name: 'Username or e-mail' }).fill('benno');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.pathname + url.search === is);
  };
  /** Whether the third message is on the screen. */
  const shown = ({ page }) =>
    page.waitForFunction(() => {
      const rect = document.querySelector('[data-testid=message][data-seq="3"]')?.getBoundingClientRect();
      return rect && rect.top >= 0 && rect.bottom <= innerHeight;
    });

  await t.test('from outside', async () => {
    const visitor = await open(browser, server);
    await visitor.page.goto(link);
    await visitor.page.waitForURL('**/login**');
    await arrives(visitor);
    await shown(visitor);
    visitor.watch.check();
  });

  await t.test('by way of the other form', async () => {
    const visitor = await open(browser, server);
    await visitor.page.goto(link);
    await visitor.page.getByRole('link', { name: 'Create an account' }).click();
    await visitor.page.getByRole('link', { name: 'Sign in' }).click();
    await arrives(visitor);
    await shown(visitor);
    visitor.watch.check();
  });

  await t.test('when the session ended on an open page', async () => {
    const other = await open(browser, server);
    await other.page.goto('/login');
    await arrives(other, '/');
    await other.watch.live();
    const before = other.watch.synced;
    await other.page.goto(link);
    await other.watch.live(before);
    await shown(other);
    other.watch.outage = true;
    await other.context.clearCookies();
    await other.context.setOffline(true);
    await other.context.setOffline(false);
    await other.page.getByTestId('connection').getByRole('button', { name: 'Sign in' }).click();
    await other.page.waitForURL('**/login**');
    // The message was shown already: from then on the address is that of the chat.
    await arrives(other, `/r/${room}`);
    await composer(other.page).waitFor();
  });

  await t.test('and to nobody else', async () => {
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/login?next=/x']) {
      const visitor = await open(browser, server);
      await visitor.page.goto(`/login?next=${encodeURIComponent(next)}`);
      await arrives(visitor, '/');
      await visitor.context.close();
    }
  });
  for (const { watch } of [ann, ben]) watch.check();
});

test('a phone shows one pane and nothing sticks out', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const [ann, ben] = [await register(browser, server, 'Annie', phone), await register(browser, server, 'Benno')];
  const room = await connect(ann, ben, `One very long word: ${'lavender'.repeat(30)}`);
  const { page } = ann;
  for (const path of ['/', `/r/${room}`, '/requests', '/new']) {
    const before = ann.watch.synced;
    await page.goto(path);
    await ann.watch.live(before);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path} is ${width} px wide`);
  }
  await page.goto('/');
  await page.getByTestId('room').first().click();
  await page.waitForURL(`**/r/${room}`);
  await composer(page).waitFor();
  await page.getByTestId('room').first().waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Back' }).or(page.getByRole('link', { name: 'Back' })).first().click();
  await page.getByTestId('room').first().waitFor();
  for (const { watch } of [ann, ben]) watch.check();
});

test('a conversation needs no mouse', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const { page, watch } = await open(browser, server);
  /** Presses Tab until the thing has the focus. */
  const tabTo = async (target, most = 40) => {
    for (let n = 0; n < most; n += 1) {
      if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`not reached by ${most} tabs: ${target}`);
  };
  const ben = await register(browser, server, 'Benno');
  await page.goto('/register');
  for (const [target, text] of [
    [page.getByRole('textbox', { name: 'Username' }), 'annie'],
    [page.getByRole('textbox', { name: 'Display name' }), 'Annie'],
    [page.getByRole('textbox', { name: 'E-mail' }), 'annie@example.org'],
    [page.getByLabel('Password', { exact: true }), PASSWORD],
  ]) {
    await tabTo(target);
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/');
  await watch.live();
  await connect({ page, username: 'annie' }, ben, 'By hand');
  const link = page.getByTestId('room').first();
  await link.waitFor();
  await tabTo(link);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/r\//);
  await tabTo(composer(page));
  await page.keyboard.type('Typed without a mouse');
  await page.keyboard.press('Enter');
  await tick(page, 'Typed without a mouse', 'sent', 'delivered', 'read');
  assert.equal(await composer(page).evaluate((element) => element === document.activeElement), true, 'the focus stays');
  watch.check();
});

test('axe finds nothing serious, in light and dark', { timeout: 240_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const axe = await axeSource();
  for (const colorScheme of ['light', 'dark']) {
    const suffix = colorScheme === 'light' ? 'l' : 'd';
    // axe is put in past the policy, so it is not in force here; other tests hold it.
    const [ann, ben] = [
      await register(browser, server, `Annie${suffix}`, { colorScheme, bypassCSP: true }),
      await register(browser, server, `Benno${suffix}`),
    ];
    const stranger = await register(browser, server, `Stran${suffix}`);
    const room = await connect(ann, ben, 'A word with https://example.org/link in it');
    const [hit] = await call(stranger.page, 'GET', `/api/people?query=${ann.username}`);
    await call(stranger.page, 'POST', '/api/requests', { to: hit.person.id, intro: 'Please' });
    const visitor = await open(browser, server, { colorScheme, bypassCSP: true });
    for (const [{ page, watch }, path] of [
      [visitor, '/login'], [visitor, '/register'], [ann, '/'], [ann, `/r/${room}`], [ann, '/requests'], [ann, '/new'],
    ]) {
      const before = watch.synced;
      await page.goto(path);
      if (page === ann.page) await watch.live(before);
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const found = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        return found.violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
      });
      assert.deepEqual(violations, [], `${path} in ${colorScheme}`);
    }
    for (const { context } of [ann, ben, stranger, visitor]) await context.close();
  }
});
