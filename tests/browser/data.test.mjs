// Everything of one's own is downloaded, and an account is on its way out and kept after all.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { PASSWORD, axe, connect, launch, message, register, say, serve, steps } from './support.mjs';

const options = { timeout: 120_000 };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark' };

test('what is kept of me is mine', options, async (t) => {
  const server = await serve(t, 'sqlite');
  const browser = await launch(t);
  // The first account is the admin, who is needed.
  const ada = await register(browser, server, 'Ada');
  const ann = await register(browser, server, 'Annie', { acceptDownloads: true });
  const ben = await register(browser, server, 'Benno', phone);
  const room = await connect(ann, ben, 'The first word');
  const step = steps(t, server, [ada, ann, ben]);
  const shot = async (page, file) => {
    if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `data-${file}.png`) });
  };
  const exported = (page) => page.getByTestId('export');
  const dialog = (page) => page.getByRole('dialog');

  await step('all of it comes as one file, for who knows the password', async () => {
    const { page, watch } = ann;
    await page.goto(`/r/${room}`);
    await say(page, 'Take this along.');
    await message(page, 'Take this along.').waitFor();
    await page.goto('/settings/data');
    await exported(page).getByRole('button', { name: 'Download…' }).click();
    await dialog(page).getByLabel('Your password').fill('not the password');
    await shot(page, 'ask');
    watch.outage = true;
    await dialog(page).getByRole('button', { name: 'Download', exact: true }).click();
    await dialog(page).locator('#password[aria-invalid="true"]').waitFor();
    watch.outage = false;
    await axe(page);
    await dialog(page).getByLabel('Your password').fill(PASSWORD);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog(page).getByRole('button', { name: 'Download', exact: true }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^lavender-annie-\d{4}-\d\d-\d\d\.zip$/);
    const path = await download.path();
    const names = execFileSync('python3', ['-c', 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print("\\n".join(z.namelist()))', path], { encoding: 'utf8' });
    for (const name of ['account.json', 'people.json', 'rooms/001 Benno/messages.json']) assert.ok(names.includes(name), names);
    assert.ok((await readFile(path)).length > 500);
    await exported(page).getByText('All of it is packed.').waitFor();
    await page.waitForURL((url) => url.pathname === '/settings/data');
    await axe(page);
    await shot(page, 'packed');
  });

  await step('an account that is to go is kept from the settings', async () => {
    const { page, watch } = ben;
    await page.goto('/settings/data');
    await page.getByTestId('leave').waitFor();
    await shot(page, 'phone');
    await page.getByRole('button', { name: 'Delete my account…' }).tap();
    await dialog(page).getByLabel('Delete what I wrote').check();
    await dialog(page).getByLabel('Your password').fill('not the password');
    await axe(page);
    await shot(page, 'leave-phone');
    watch.outage = true;
    await dialog(page).getByRole('button', { name: 'Delete my account', exact: true }).tap();
    await dialog(page).locator('#password[aria-invalid="true"]').waitFor();
    watch.outage = false;
    await dialog(page).getByLabel('Your password').fill(PASSWORD);
    await dialog(page).getByRole('button', { name: 'Delete my account', exact: true }).tap();
    await page.getByTestId('leaving').getByText(/^Your account will be deleted on /).waitFor();
    await axe(page);
    await page.reload();
    await page.getByTestId('leaving').waitFor();
    await shot(page, 'leaving-phone');
    await page.getByRole('button', { name: 'Keep my account' }).tap();
    await page.getByTestId('leave').waitFor();
    await page.reload();
    await page.getByTestId('leave').waitFor();
  });

  await step('or by signing in again', async () => {
    const { page, watch } = ann;
    await page.getByRole('button', { name: 'Delete my account…' }).click();
    await dialog(page).getByLabel('Your password').fill(PASSWORD);
    await dialog(page).getByRole('button', { name: 'Delete my account', exact: true }).click();
    await page.getByTestId('leaving').waitFor();
    await shot(page, 'leaving');
    watch.outage = true;
    await page.getByTestId('leaving').getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL((url) => url.pathname === '/login');
    watch.outage = false;
    await page.getByRole('textbox', { name: 'Username or e-mail' }).fill('annie');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto('/settings/data');
    await page.getByTestId('leave').waitFor();
  });

  await step('the only admin of others is told to make another one', async () => {
    const { page, watch } = ada;
    await page.goto('/settings/data');
    await page.getByRole('button', { name: 'Delete my account…' }).click();
    await dialog(page).getByLabel('Your password').fill(PASSWORD);
    watch.outage = true;
    await dialog(page).getByRole('button', { name: 'Delete my account', exact: true }).click();
    await dialog(page).getByRole('alert').filter({ hasText: 'admin' }).waitFor();
    watch.outage = false;
    await shot(page, 'admin');
  });
});
