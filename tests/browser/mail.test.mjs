// Letters and what they lead to: an address is confirmed and changed, and a forgotten password is helped.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import test from 'node:test';
import { letter, mailed, withoutMail } from './mail.support.mjs';
import { PASSWORD, axe, launch, open, register, serve, steps } from './support.mjs';

const options = { timeout: 180_000, skip: withoutMail() };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'dark' };
const NEW = 'four quiet herons in march';

test('letters lead back to where they should', options, async (t) => {
  const server = await serve(t, 'sqlite', mailed());
  const browser = await launch(t);
  const name = `ann_${randomUUID().slice(0, 8)}`;
  const ann = await register(browser, server, name);
  const address = `${ann.username}@example.org`;
  const other = await open(browser, server, phone);
  const step = steps(t, server, [ann, { name: 'phone', ...other }]);
  const shot = async (page, file) => {
    if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${file}.png`) });
  };
  const own = (page) => page.getByTestId('email');

  await step('a letter reads well, in light and in dark', async () => {
    const { html, text } = await letter(address);
    assert.match(text, /Confirm this address:\r?\nhttp/);
    for (const colorScheme of ['light', 'dark']) {
      const { page, context } = await open(browser, server, { colorScheme, viewport: { width: 420, height: 760 } });
      await page.setContent(html);
      await page.getByRole('link', { name: 'Confirm this address' }).waitFor();
      await axe(page);
      await shot(page, `letter-${colorScheme}`);
      await context.close();
    }
  });

  await step('its link confirms the address, on another device', async () => {
    await ann.page.goto('/settings/sign-in');
    await own(ann.page).getByText('Not confirmed yet').waitFor();
    await shot(ann.page, 'email-unconfirmed');
    await other.page.goto((await letter(address)).link('/confirm'));
    await shot(other.page, 'confirm-phone');
    await other.page.getByRole('button', { name: 'Confirm this address' }).tap();
    await other.page.getByText('Confirmed. Letters about your account').waitFor();
    await axe(other.page);
    await ann.page.reload();
    await own(ann.page).getByText('Confirmed. A link goes there').waitFor();
    await axe(ann.page);
  });

  await step('a forgotten password is helped', async () => {
    const { page } = other;
    await page.goto('/login');
    await page.getByRole('link', { name: 'Forgot your password?' }).tap();
    await page.waitForURL((url) => url.pathname === '/forgot');
    await page.getByRole('textbox', { name: 'E-mail' }).fill('no address');
    // The browser would not send that.
    await page.locator('form[action="/auth/forgot"]').evaluate((form) => { form.noValidate = true; });
    await page.getByRole('button', { name: 'Send the link' }).tap();
    await page.locator('#email[aria-invalid="true"]').waitFor();
    await page.getByRole('textbox', { name: 'E-mail' }).fill(address);
    await page.locator('#email:not([aria-invalid])').waitFor();
    await shot(page, 'forgot-phone');
    await page.getByRole('button', { name: 'Send the link' }).tap();
    await page.getByText('If an account here has that address').waitFor();
    await axe(page);
    await shot(page, 'forgot-sent-phone');
    await page.goto((await letter(address, 1)).link('/reset'));
    await page.getByLabel('Password', { exact: true }).fill(NEW);
    ann.watch.outage = true;
    await page.getByRole('button', { name: 'Set the password' }).tap();
    await page.waitForURL((url) => url.pathname === '/');
    assert.match((await letter(address, 2)).text, /password of your account was changed/);
  });

  await step('another address is used once its letter is answered', async () => {
    const { page } = other;
    const next = `ann_${randomUUID().slice(0, 8)}@example.org`;
    await page.goto('/settings/sign-in');
    await page.getByRole('button', { name: 'Change address' }).tap();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('New address').fill(next);
    await dialog.getByLabel('Your password').fill(PASSWORD);
    other.watch.outage = true;
    await dialog.getByRole('button', { name: 'Send the link' }).tap();
    await dialog.locator('[aria-invalid="true"]').waitFor();
    await shot(page, 'change-wrong-phone');
    await axe(page);
    await dialog.getByLabel('Your password').fill(NEW);
    await dialog.getByRole('button', { name: 'Send the link' }).tap();
    await page.getByText('Open the link that was sent to').waitFor();
    other.watch.outage = false;
    // Whoever is signed in may open it, too.
    await page.goto((await letter(next)).link('/confirm'));
    await page.getByRole('button', { name: 'Confirm this address' }).tap();
    await page.getByText('Confirmed. Letters about your account').waitFor();
    await page.getByRole('link', { name: 'Back to chats' }).waitFor();
    await page.goto('/settings/sign-in');
    await own(page).getByText(next).waitFor();
    assert.match((await letter(address, 3)).text, /has another address/);
  });

  await step('an old link says that it is none any more', async () => {
    const { page } = other;
    await page.goto((await letter(address)).link('/confirm'));
    await page.getByRole('button', { name: 'Confirm this address' }).tap();
    await page.getByRole('alert').filter({ hasText: 'no longer good' }).waitFor();
    await shot(page, 'confirm-gone-phone');
    other.watch.check();
  });
});
