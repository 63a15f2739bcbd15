// Signing in with an account elsewhere, against a strict provider; the settings of an account.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { provider, withoutProvider } from './provider.support.mjs';
import { axe, call, launch, open, PASSWORD, prepare, register, steps, STORES, without } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const PEOPLE = {
  1001: { email: 'ada@example.org', email_verified: true, name: 'Ada Lovelace' },
  1002: { email: 'benno@example.org', email_verified: true, name: 'Benno Elsewhere' },
  1003: { email: 'benno@example.org', email_verified: false, name: 'Mallory' },
};

const shot = async (page, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `sign-in-${name}.png`) });
};
const go = (page) => page.getByRole('link', { name: 'Continue with Example' });
const choose = (page, name) => page.getByRole('button', { name, exact: true });
const live = async ({ page, watch }, before) => {
  await page.waitForURL((url) => url.pathname === '/');
  await watch.live(before);
};
const signOut = async ({ page }) => {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL(/\/login/);
};

for (const store of STORES) test(`an account elsewhere opens one here, on ${store}`, { skip: without(store) || withoutProvider, timeout: 240_000 }, async (t) => {
  const server = await prepare(t, store);
  const { env } = await provider(t, PEOPLE, new URL(server.origin).port);
  Object.assign(server.env, env);
  await server.start();
  const browser = await launch(t);
  const ada = { name: 'Ada', ...(await open(browser, server)) };
  const ben = await register(browser, server, 'Benno', { ...PHONE, colorScheme: 'dark' });
  const step = steps(t, server, [ada, ben]);

  await step('who is new chooses a name, without a password', async () => {
    const { page, watch } = ada;
    await page.goto('/login?next=%2Fnew');
    await shot(page, 'login');
    await axe(page);
    await go(page).click();
    await page.getByRole('heading', { name: 'Choose an account' }).waitFor();
    await choose(page, 'Ada Lovelace').click();
    await choose(page, 'Agree').click();
    await page.getByTestId('joining').getByText('Signed in with Example as ada@example.org').waitFor();
    assert.equal(new URL(page.url()).pathname, '/register');
    assert.equal(await page.getByLabel('Password', { exact: true }).count(), 0);
    assert.equal(await page.getByRole('textbox', { name: 'E-mail' }).count(), 0);
    assert.equal(await page.getByRole('textbox', { name: 'Username' }).inputValue(), 'ada');
    assert.equal(await page.getByRole('textbox', { name: 'Display name' }).inputValue(), 'Ada Lovelace');
    await shot(page, 'joining');
    await axe(page);
    // A name that is taken comes back, and nothing is lost.
    await page.getByRole('textbox', { name: 'Username' }).fill('benno');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('alert').first().waitFor();
    await page.getByTestId('joining').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Display name' }).inputValue(), 'Ada Lovelace');
    await page.getByRole('textbox', { name: 'Username' }).fill('ada');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL((url) => url.pathname === '/new');
    await watch.live();
  });

  await step('the next time one press is enough', async () => {
    await signOut(ada);
    const before = ada.watch.synced;
    await go(ada.page).click();
    await live(ada, before);
    const start = await call(ada.page, 'GET', '/api/start');
    assert.equal(start.SignedIn.me.person.username, 'ada');
  });

  await step('cancelled there is said here', async () => {
    const other = await open(browser, server, PHONE);
    await other.page.goto('/register');
    await go(other.page).tap();
    await choose(other.page, 'Cancel').tap();
    await other.page.getByRole('alert').getByText('cancelled').waitFor();
    await shot(other.page, 'cancelled-phone');
    await axe(other.page);
    other.watch.check();
    await other.context.close();
  });

  await step('an account with the same address asks for its password once', async () => {
    const other = await open(browser, server, PHONE);
    const { page, watch } = other;
    await page.goto('/login');
    await go(page).tap();
    await choose(page, 'Benno Elsewhere').tap();
    await choose(page, 'Agree').tap();
    await page.getByTestId('joining').getByText('There is an account with this address').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Username or e-mail' }).inputValue(), 'benno@example.org');
    await shot(page, 'known-phone');
    await axe(page);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).tap();
    await live(other, 0);
    await page.goto('/settings/sign-in');
    await page.getByTestId('way').getByText('Connected as benno@example.org').waitFor();
    watch.check();
    await other.context.close();
  });

  await step('one that nobody vouches for finds no account', async () => {
    const other = await open(browser, server);
    const { page } = other;
    await page.goto('/login');
    await go(page).click();
    await choose(page, 'Mallory').click();
    await choose(page, 'Agree').click();
    await page.getByTestId('joining').getByText('Signed in with Example', { exact: true }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/register');
    assert.equal(await page.getByRole('textbox', { name: 'E-mail' }).inputValue(), '');
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.waitForURL((url) => url.pathname === '/login');
    assert.equal(await page.getByTestId('joining').count(), 0);
    await other.context.close();
  });

  await step('it is disconnected and connected in the settings, by the password', async () => {
    const { page, watch } = ben;
    await page.goto('/settings');
    await page.getByRole('link', { name: 'Password and sign-in' }).tap();
    const way = page.getByTestId('way');
    await way.getByText('Connected as benno@example.org').waitFor();
    await shot(page, 'ways-phone-dark');
    await axe(page);
    await page.getByRole('button', { name: 'Disconnect Example' }).tap();
    const dialog = page.getByRole('dialog');
    watch.outage = true;
    await dialog.getByLabel('Your password').fill('not the password');
    await dialog.getByRole('button', { name: 'Disconnect' }).tap();
    await dialog.getByText("That's not your password.").waitFor();
    watch.outage = false;
    await shot(page, 'prove-phone-dark');
    await axe(page);
    await dialog.getByLabel('Your password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Disconnect' }).tap();
    await way.getByText('Not connected').waitFor();
    await page.getByRole('button', { name: 'Connect Example' }).tap();
    await dialog.getByLabel('Your password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Go on' }).tap();
    await choose(page, 'Benno Elsewhere').tap();
    await choose(page, 'Agree').tap();
    await page.getByRole('status').getByText('Connected. From now on').waitFor();
    await way.getByText('Connected as benno@example.org').waitFor();
    // Said until one goes on.
    await page.getByTestId('settings').getByRole('button', { name: 'Back' }).tap();
    await page.getByRole('link', { name: 'Password and sign-in' }).tap();
    await way.getByText('Connected as').waitFor();
    assert.equal(await page.getByText('From now on').count(), 0);
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, '/settings/sign-in');
  });

  await step('who came without a password sets one', async () => {
    const { page } = ada;
    await page.goto('/settings/sign-in');
    const form = page.getByRole('form', { name: 'Password' });
    await form.getByText('You have none').waitFor();
    assert.equal(await form.getByLabel('Password now').count(), 0);
    // Signing in there afresh leads back here.
    await form.getByRole('link', { name: 'Sign in with Example again' }).click();
    await choose(page, 'Ada Lovelace').click();
    await page.waitForURL((url) => url.pathname === '/settings/sign-in');
    await form.getByText('You have none').waitFor();
    await form.getByLabel('New password').fill(PASSWORD);
    await form.getByRole('button', { name: 'Set password' }).click();
    await page.getByTestId('toast').filter({ hasText: 'Password changed' }).waitFor();
    await form.getByLabel('Password now').waitFor();
    await shot(page, 'password');
    await axe(page);
    const [by_password] = [await open(browser, server)];
    await by_password.page.goto('/login');
    await by_password.page.getByRole('textbox', { name: 'Username or e-mail' }).fill('ada');
    await by_password.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await by_password.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await live(by_password, 0);
    await by_password.context.close();
  });

  for (const { watch } of [ada, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked|could not answer/);
});

test('the settings of an account', { timeout: 240_000 }, async (t) => {
  const server = await prepare(t);
  await server.start();
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  const { page } = ann;

  await step('without other accounts there is no button for them', async () => {
    const visitor = await open(browser, server);
    await visitor.page.goto('/login');
    assert.equal(await visitor.page.getByRole('link', { name: /^Continue with/ }).count(), 0);
    assert.equal((await visitor.page.request.get('/auth/google', { maxRedirects: 0 })).status(), 404);
    await visitor.context.close();
  });

  await step('a theme is chosen and kept', async () => {
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await page.getByTestId('device').first().waitFor();
    await shot(page, 'look-light');
    await axe(page);
    await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
    await page.locator('html[data-theme="dark"]').waitFor();
    await shot(page, 'look-dark');
    await axe(page);
    const before = ann.watch.synced;
    await page.reload();
    await ann.watch.live(before);
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    assert.equal(await page.getByRole('radio', { name: 'Dark' }).isChecked(), true);
    await page.getByRole('radio', { name: 'Match system' }).check({ force: true });
    await page.locator('html:not([data-theme="dark"])').waitFor();
  });

  await step('another device is seen, and signed out within a second', async () => {
    const other = await open(browser, server, { storageState: undefined });
    await other.page.goto('/login');
    await other.page.getByRole('textbox', { name: 'Username or e-mail' }).fill('annie');
    await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await live(other, 0);
    await page.reload();
    const devices = page.getByTestId('device');
    await devices.nth(1).waitFor();
    await devices.first().getByText('This device').waitFor();
    await devices.first().getByText('Chrome on Linux').waitFor();
    await devices.nth(1).getByRole('button', { name: /^Sign out/ }).click();
    await shot(page, 'sign-out-device');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
    await other.page.waitForURL(/\/login/);
    await devices.nth(1).waitFor({ state: 'detached' });
    await other.context.close();
  });

  await step('a password is changed, wrong ones are named', async () => {
    await page.getByRole('link', { name: 'Password and sign-in' }).click();
    const form = page.getByRole('form', { name: 'Password' });
    // Refusals are failed requests.
    ann.watch.outage = true;
    await form.getByLabel('Password now').fill('not the password');
    await form.getByLabel('New password').fill('four quiet herons in march');
    await form.getByRole('button', { name: 'Change password' }).click();
    await form.getByText("That's not your password.").waitFor();
    await shot(page, 'wrong-password');
    await form.getByLabel('Password now').fill(PASSWORD);
    await form.getByLabel('New password').fill('password12');
    await form.getByRole('button', { name: 'Change password' }).click();
    await form.getByText('easy to guess').waitFor();
    ann.watch.outage = false;
    await form.getByLabel('New password').fill('four quiet herons in march');
    await form.getByRole('button', { name: 'Change password' }).click();
    await page.getByTestId('toast').filter({ hasText: 'Password changed' }).waitFor();
  });

  await step('whom I blocked is listed, and let go', async () => {
    const [hit] = await call(page, 'GET', '/api/people?query=benno');
    await page.getByRole('link', { name: 'Privacy and blocked' }).click();
    await page.getByText('Nobody is blocked').waitFor();
    await call(page, 'POST', '/api/blocks', { user_id: hit.person.id, on: true });
    await page.getByRole('list', { name: 'Blocked people' }).getByText('Benno', { exact: true }).waitFor();
    await shot(page, 'blocked');
    await axe(page);
    await page.getByRole('button', { name: 'Unblock Benno' }).click();
    await page.getByText('Nobody is blocked').waitFor();
  });

  await step('who may ask, and what is told of me', async () => {
    const other = await register(browser, server, 'Cleo');
    await page.getByRole('switch', { name: /^Hide when I was last seen/ }).click();
    await page.getByRole('switch', { name: /^Hide when I was last seen/ }).and(page.locator('[aria-checked="true"]')).waitFor();
    await page.getByRole('radio', { name: /^Nobody/ }).check();
    const before = ann.watch.synced;
    await page.reload();
    await ann.watch.live(before);
    assert.equal(await page.getByRole('radio', { name: /^Nobody/ }).isChecked(), true);
    assert.equal(await page.getByRole('switch', { name: /^Hide when/ }).getAttribute('aria-checked'), 'true');
    await shot(page, 'privacy');
    await axe(page);
    const live_before = other.watch.synced;
    await other.page.goto('/new');
    await other.watch.live(live_before);
    await other.page.getByRole('searchbox', { name: 'Find people' }).fill('annie');
    const hit = other.page.getByRole('listitem').filter({ hasText: '@annie' });
    await hit.getByRole('button', { name: 'Write' }).click();
    await other.page.getByRole('textbox', { name: 'Introduction' }).fill('Hello!');
    await hit.getByRole('button', { name: /^Send/ }).click();
    await other.page.getByText("This person can't be messaged.").waitFor();
    await other.context.close();
  });

  await step('on a phone the parts are a list, and back leads there', async () => {
    await ben.page.goto('/settings');
    await shot(ben.page, 'phone');
    await axe(ben.page);
    await ben.page.getByRole('link', { name: 'Look and devices' }).tap();
    await ben.page.getByTestId('device').first().waitFor();
    await shot(ben.page, 'look-phone');
    await axe(ben.page);
    await ben.page.getByTestId('settings').getByRole('button', { name: 'Back' }).tap();
    await ben.page.getByRole('link', { name: 'Notifications' }).waitFor();
    await ben.page.getByTestId('settings').getByRole('button', { name: 'Back' }).tap();
    await ben.page.waitForURL((url) => url.pathname === '/');
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked|could not answer/);
});

test('a forgotten password is set anew by a link of an admin', { timeout: 180_000 }, async (t) => {
  const server = await prepare(t);
  await server.start();
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', { ...PHONE, colorScheme: 'dark' });
  const step = steps(t, server, [ann, ben]);
  let link;

  await step('an admin makes it', async () => {
    const { page } = ann;
    await page.goto('/admin');
    await page.getByRole('button', { name: 'Accounts', exact: true }).click();
    const account = page.getByTestId('account').filter({ hasText: '@benno' });
    await account.getByRole('button', { name: 'New password' }).click();
    const field = page.getByRole('dialog').getByLabel('The link');
    await field.waitFor();
    link = await field.inputValue();
    assert.ok(link.startsWith(`${server.origin}/reset?token=`), link);
    await shot(page, 'reset-link');
    await axe(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  await step('who is signed in is told so, and nothing is lost', async () => {
    await ben.page.goto(link);
    await ben.page.getByText('You are signed in here as Benno').waitFor();
    await shot(ben.page, 'reset-signed-in-phone-dark');
    await axe(ben.page);
    await ben.page.getByRole('link', { name: 'Back to chats' }).tap();
    await ben.page.waitForURL((url) => url.pathname === '/');
  });

  await step('it works once, also without scripts', async () => {
    const plain = await open(browser, server, { ...PHONE, javaScriptEnabled: false });
    const { page } = plain;
    await page.goto('/login');
    await page.getByText('Forgot your password?').tap();
    await page.getByText('Ask one of the people who run this server').waitFor();
    await page.goto(link);
    await page.getByLabel('Password', { exact: true }).fill('password12');
    await page.getByRole('button', { name: 'Set the password' }).tap();
    await page.getByText('easy to guess').waitFor();
    await shot(page, 'reset-phone');
    await page.getByLabel('Password', { exact: true }).fill('four quiet herons in march');
    await page.getByRole('button', { name: 'Set the password' }).tap();
    await page.waitForURL((url) => url.pathname === '/');
    // The other device is out, at once.
    await ben.page.getByText('Your session ended').first().waitFor();
    await plain.context.close();
    const late = await open(browser, server);
    await late.page.goto(link);
    await late.page.getByLabel('Password', { exact: true }).fill('another four quiet herons');
    await late.page.getByRole('button', { name: 'Set the password' }).click();
    await late.page.getByRole('alert').getByText('no longer good').waitFor();
    await axe(late.page);
    await late.page.getByRole('link', { name: 'Sign in' }).click();
    await late.page.getByRole('textbox', { name: 'Username or e-mail' }).fill('benno');
    await late.page.getByLabel('Password', { exact: true }).fill('four quiet herons in march');
    await late.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await live(late, 0);
    late.watch.check();
    await late.context.close();
  });

  ann.watch.check();
  assert.doesNotMatch(server.log(), /panicked|could not answer|reset\?token/);
});
