/**
 * Makes docs/images/chat.png, the picture in the README: a real gateway, a real browser, a run of the built-in agent.
 * `node scripts/screenshot.mjs [file]`; needs what the browser tests need, Chromium and the built pages.
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNode, root } from "./runtime.mjs";

const question = "Work out 17.5% of 2480 and (3 + 4) * 12, and tell me the time in Tokyo and New York.";
/** They fill the list of threads. */
const before = [
  "How many days until Christmas?",
  "How many days between 2026-01-01 and 2026-07-04?",
  "Who are you?",
];

const node = findNode();
if (!node) throw new Error("There is no usable Node: run `node scripts/setup.mjs`, which says what to do.");
if (process.execPath === node) await takePicture(process.argv[2] ?? join(root, "docs", "images", "chat.png"));
else runOn(node);

function runOn(newer) {
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}

async function takePicture(file) {
  const support = "../gateway/web/test/support";
  const [{ desk, launch, visit }, { startGateway }, { answered, answers, send, signIn }] = await Promise.all([
    import(`${support}/browser.ts`),
    import(`${support}/gateway.ts`),
    import(`${support}/pages.ts`),
  ]);
  const [browser, gateway] = await Promise.all([launch(), startGateway()]);
  try {
    const { page } = await visit(browser, desk);
    await signIn(page, gateway.url, "ada@example.com");
    for (const earlier of before) {
      await send(page, earlier);
      await answered(page, 1);
      await page.getByRole("link", { name: "New thread", exact: true }).click();
      await page.getByRole("heading", { name: "New thread" }).waitFor();
    }
    await send(page, question);
    await answered(page, 1);
    await answers(page)
      .getByText(/^Used /)
      .click();
    await page.mouse.move(0, 0);
    mkdirSync(dirname(file), { recursive: true });
    await page.screenshot({ path: file });
    console.log(`wrote ${file}`);
  } finally {
    await browser.close();
    await gateway.stop();
  }
}
