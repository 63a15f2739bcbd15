// What the forms of an account do while someone types, pastes and errs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { launch, open, register, serve } from './support.mjs';

const options = { timeout: 120_000 };
/** Two scripts, and characters that take two units of UTF-16. */
const PASSWORD = '紫の猫が七つの橋を渡る🦦🌉';

const login = (page) => page.getByRole('textbox', { name: 'Username or e-mail' });
const password = (page) => page.getByLabel('Password', { exact: true });

/** Opens a page of a form and waits until its scripts run: they name the tab. */
async function visit(page, path, title) {
  await page.goto(path);
  await page.waitForFunction((title) => document.title === `${title} · Lavender`, title);
}

/** Puts a text into a field as people do who have their passwords from elsewhere. */
async function paste(page, field, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await field.focus();
  await page.keyboard.press('Control+v');
}

test('a password is any text, and may be pasted', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const permissions = ['clipboard-read', 'clipboard-write'];

  await t.test('an account is made with it', async () => {
    const { page, watch } = await open(browser, server, { permissions });
    await visit(page, '/register', 'Create account');
    await page.getByRole('textbox', { name: 'Username' }).fill('murasaki');
    await page.getByRole('textbox', { name: 'Display name' }).fill('Murasaki');
    await page.getByRole('textbox', { name: 'E-mail' }).fill('murasaki@example.org');
    await paste(page, password(page), PASSWORD);
    assert.equal(await password(page).inputValue(), PASSWORD);
    await page.locator('.meter[data-n="3"]').waitFor();
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await watch.live();
    watch.check();
  });

  await t.test('and opened with it, with nothing less', async () => {
    const { page, watch } = await open(browser, server, { permissions });
    await visit(page, '/login', 'Sign in');
    await login(page).fill('murasaki');
    await paste(page, password(page), PASSWORD.slice(0, -2));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText("That name and password don't match.").waitFor();
    await paste(page, password(page), PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await watch.live();
  });

  await t.test('a long one is not cut', async () => {
    const { page } = await open(browser, server, { permissions });
    await visit(page, '/register', 'Create account');
    // 128 characters are allowed, whatever they are.
    const long = Array.from({ length: 100 }, (_, n) => String.fromCodePoint(0x1f300 + n)).join('');
    await paste(page, password(page), long);
    const kept = await password(page).inputValue();
    assert.equal([...kept].length, 100, 'characters are in the field');
    assert.equal(kept, long);
  });
});

test('a password can be looked at', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  for (const [path, title] of [['/login', 'Sign in'], ['/register', 'Create account']]) {
    const { page, watch } = await open(browser, server);
    await visit(page, path, title);
    await password(page).fill('four plain words');
    assert.equal(await password(page).getAttribute('type'), 'password');
    await page.getByRole('button', { name: 'Show characters', pressed: false }).click();
    await page.getByRole('button', { name: 'Hide characters', pressed: true }).waitFor();
    assert.equal(await password(page).getAttribute('type'), 'text');
    assert.equal(await password(page).inputValue(), 'four plain words');
    await page.getByRole('button', { name: 'Hide characters' }).press('Enter');
    await page.getByRole('button', { name: 'Show characters', pressed: false }).waitFor();
    assert.equal(await password(page).getAttribute('type'), 'password');
    assert.equal(new URL(page.url()).pathname, path, 'nothing was sent');
    watch.check();
  }
});

test('Caps Lock is spoken of', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const { page, watch } = await open(browser, server);
  await visit(page, '/login', 'Sign in');
  const hint = page.getByRole('status').filter({ hasText: 'Caps Lock is on.' });
  // The devtools protocol has no such key state: the events are made as a browser makes them.
  const key = (name, modifierCapsLock) => password(page).dispatchEvent(name, { key: 'A', code: 'KeyA', modifierCapsLock });
  await password(page).focus();
  await key('keydown', true);
  await hint.waitFor();
  const told = await password(page).getAttribute('aria-describedby');
  assert.ok(await page.locator(`[id="${told}"]`).getByText('Caps Lock is on.').isVisible(), 'the field names it');
  await key('keyup', false);
  await hint.waitFor({ state: 'detached' });
  watch.check();
});

test('after five wrong passwords it says how long to wait', options, async (t) => {
  const server = await serve(t, 'sqlite', { LAVENDER_LIMIT_SCALE: '1' });
  const browser = await launch(t);
  await register(browser, server, 'Annie');
  // Without scripts: each answer is a page of its own.
  const { page } = await open(browser, server, { javaScriptEnabled: false });
  await page.goto('/login');
  const attempt = async (text) => {
    await login(page).fill('annie');
    await password(page).fill('not the password at all');
    const answered = page.waitForEvent('framenavigated');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await answered;
    return page.getByRole('alert').filter({ hasText: text }).innerText();
  };
  for (let n = 0; n < 5; n += 1) await attempt("That name and password don't match.");
  const seconds = [];
  for (let n = 0; n < 2; n += 1) {
    const text = await attempt('Too many tries.');
    const [, left] = text.match(/You can try again in (\d+) seconds?\./) ?? assert.fail(text);
    seconds.push(Number(left));
  }
  assert.ok(seconds[0] > 0 && seconds[0] <= 60, `${seconds[0]} s`);
  assert.ok(seconds[1] <= seconds[0], `${seconds}: trying again makes it no longer`);
  assert.equal(await login(page).inputValue(), 'annie', 'the name stays');
});
