// Opens a page in a real browser and does what it is told: node browser.cjs, the task as JSON on
// standard input. Gives what the steps give, with everything the page asked for or complained of.
"use strict";

const { readFileSync } = require("node:fs");

async function main() {
  const task = JSON.parse(readFileSync(0, "utf8"));
  const { chromium } = require(task.playwright);
  const browser = await chromium.launch({ executablePath: task.browser, args: ["--no-sandbox"] });
  const context = await browser.newContext({ colorScheme: task.scheme, viewport: task.viewport });
  const page = await context.newPage();
  const complaints = [];
  const requests = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(task.url);
  if (task.is_whole) await page.waitForSelector("html[data-ready]", { state: "attached" });
  const axe = async () => {
    await page.evaluate(readFileSync(task.axe, "utf8"));
    const found = await page.evaluate(() => axe.run(document));
    return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`);
  };
  const Steps = Object.getPrototypeOf(async () => {}).constructor;
  const result = await new Steps("page", "axe", task.steps)(page, axe);
  await browser.close();
  const asked = requests.filter((url) => url.split("#")[0] !== task.url.split("#")[0]);
  process.stdout.write(JSON.stringify({ result, complaints, requests: asked }));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
