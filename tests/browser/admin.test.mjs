// Reports reach the admin; a warning reaches whom it is for; nobody else finds the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axeSource, call, composer, connect, launch, message, register, say, serve } from './support.mjs';

test('a report is judged, and a warning is read', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const admin = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const room = await connect(admin, ben, 'Hello there');
  await ben.page.goto(`/r/${room}`);
  await say(ben.page, `unkind ${'words'.repeat(60)}`);
  await admin.page.goto(`/r/${room}`);
  await message(admin.page, 'unkind').waitFor();
  const { messages } = await call(admin.page, 'GET', `/api/rooms/${room}/messages`);
  const reported = { kind: 'message', message_id: messages.at(-1).id };
  await call(admin.page, 'POST', '/api/reports', { reported, reason: 'harassment', note: 'please look' });
  await admin.page.getByRole('button', { name: 'Menu' }).first().click();
  await admin.page.getByRole('menuitem', { name: 'Administration' }).click();
  const report = admin.page.getByTestId('report');
  await report.getByText('unkind').waitFor();
  await t.test('it fits a phone, and axe finds nothing serious', async () => {
    await admin.page.setViewportSize({ width: 390, height: 844 });
    const width = await admin.page.evaluate(() => [...document.querySelectorAll('.card')].map((card) => card.getBoundingClientRect().right));
    assert.ok(width.length > 0 && width.every((right) => right <= 390), `cards end at ${width}`);
    await admin.page.evaluate(await axeSource());
    const { violations } = await admin.page.evaluate(() => globalThis.axe.run());
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    assert.deepEqual(serious.map((found) => [found.id, found.nodes.map((node) => node.html)]), []);
  });
  await report.getByRole('button', { name: 'Warn' }).click();
  await report.getByRole('textbox').fill('Please be kind.');
  await report.getByRole('button', { name: 'Send warning' }).click();
  await admin.page.getByText('No reports here.').waitFor();
  await ben.page.goto('/');
  await ben.page.getByTestId('warning').getByText('Please be kind.').waitFor();
  await ben.page.getByRole('button', { name: 'I have read this' }).click();
  await ben.page.getByTestId('warning').waitFor({ state: 'detached' });
  await ben.page.reload();
  await ben.page.getByTestId('room').first().waitFor();
  assert.equal(await ben.page.getByTestId('warning').count(), 0);
  await ben.page.goto('/admin');
  await ben.page.getByRole('heading', { name: 'Nothing grows here' }).waitFor();
  assert.equal(await ben.page.getByTestId('admin').count(), 0);
});

test('who is muted reads, and is told why they cannot write', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const admin = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const room = await connect(admin, ben, 'Hello there');
  const [hit] = await call(admin.page, 'GET', '/api/people?query=benno');
  const mute = (hours) => call(admin.page, 'POST', '/api/admin/mute', { user_id: hit.person.id, hours });
  const { page } = ben;
  await page.goto(`/r/${room}`);
  await composer(page).fill('A thought');
  await mute(1);
  await composer(page).press('Enter');
  await page.getByTestId('muted').getByText(/paused your writing until/).waitFor();
  assert.equal(await composer(page).count(), 0);
  await page.evaluate(await axeSource());
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id }) => id), []);
  // What was written is not lost, and what others write is there to be read, not to be reacted to.
  await message(page, 'A thought').getByText(/Not sent/).waitFor();
  // Taken back where there is nothing to write in, it waits for when there is.
  await message(page, 'A thought').getByRole('button', { name: 'Edit', exact: true }).click();
  await message(page, 'A thought').waitFor({ state: 'detached' });
  await admin.page.goto(`/r/${room}`);
  await say(admin.page, 'Please wait a while');
  await message(page, 'Please wait').hover();
  const tools = message(page, 'Please wait').locator('.hover-tools');
  await tools.getByRole('button', { name: 'More' }).waitFor();
  assert.equal(await tools.getByRole('button', { name: 'React' }).count(), 0);
  await page.reload();
  await page.getByTestId('muted').waitFor();
  await mute(0);
  await page.getByTestId('muted').getByRole('button', { name: 'Check again' }).click();
  await composer(page).waitFor();
  await page.waitForFunction(() => document.getElementById('composer').value === 'A thought');
  for (const { watch } of [admin, ben]) watch.check();
});
